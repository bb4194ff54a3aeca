import fc from "fast-check";
import {
  isAnotherMachine,
  isSameMachine,
  isSameNow,
  machineFrom,
  type Machine,
} from "../../provider/core/machine";

// few values, so that equal and unknown ones are common
const part = fc.constantFrom("", "a", "b");
const machine: fc.Arbitrary<Machine> = fc.record({ id: part, docker: part, boot: part });

describe("which machine it is", () => {
  test("the same and another are never both true, and neither depends on the order", () => {
    fc.assert(
      fc.property(machine, machine, (one, other) => {
        expect(isSameMachine(one, other) && isAnotherMachine(one, other)).toBe(false);
        expect(isSameMachine(one, other)).toBe(isSameMachine(other, one));
        expect(isAnotherMachine(one, other)).toBe(isAnotherMachine(other, one));
        expect(isSameNow(one, other)).toBe(isSameNow(other, one));
      }),
    );
  });

  test("another machine is one of which nothing known is equal", () => {
    fc.assert(
      fc.property(machine, machine, (one, other) => {
        const pairs = [
          [one.id, other.id],
          [one.docker, other.docker],
        ].filter(([mine, its]) => mine !== "" && its !== "");
        const differ = pairs.length > 0 && pairs.every(([mine, its]) => mine !== its);
        expect(isAnotherMachine(one, other)).toBe(differ);
      }),
    );
  });

  test("what is the same right now is the same machine, and was booted once", () => {
    fc.assert(
      fc.property(machine, machine, (one, other) => {
        if (!isSameNow(one, other)) return;
        expect(isSameMachine(one, other)).toBe(true);
        expect(one.boot).toBe(other.boot);
        expect(one.boot).not.toBe("");
      }),
    );
  });

  const known = { id: "i", docker: "d", boot: "b" };
  test.each<[string, Partial<Machine>, boolean, boolean, boolean]>([
    // what changed, same machine, another one, the same right now
    ["nothing", {}, true, false, true],
    ["it was booted again", { boot: "c" }, true, false, false],
    ["its Docker's disk was wiped", { docker: "e" }, true, false, false],
    ["it has another system", { id: "j" }, true, false, false],
    ["both ids are others", { id: "j", docker: "e" }, false, true, false],
    ["a machine without an id, with the same Docker", { id: "" }, true, false, true],
    ["a machine without an id, with another Docker", { id: "", docker: "e" }, false, true, false],
    ["nothing is known of it", { id: "", docker: "", boot: "" }, false, false, false],
  ])("%s", (_what, change, same, another, now) => {
    const found = { ...known, ...change };
    expect(isSameMachine(known, found)).toBe(same);
    expect(isAnotherMachine(known, found)).toBe(another);
    expect(isSameNow(known, found)).toBe(now);
  });
});

describe("what a host prints of itself", () => {
  const id = "0123456789abcdef0123456789abcdef";
  const boot = "5f0c1f6e-8a5e-4b0e-9a51-6d0f1c2b3a4d";

  test("ids stand in lines of their own, among whatever else a shell prints", () => {
    const printed = `Welcome, id=you!\nid=${id}\r\nid=${"f".repeat(32)}\n  boot=${boot}\nbye\n`;
    expect(machineFrom(printed, "ABCD:EFGH\n")).toEqual({ id, docker: "ABCD:EFGH", boot });
  });

  test.each(["", "id=\nboot=\n", "id=uninitialized\nboot=never\n", "motd only"])(
    "%j tells nothing",
    (printed) => {
      expect(machineFrom(printed, "")).toEqual({ id: "", docker: "", boot: "" });
    },
  );
});
