import fc from "fast-check";
import { isSameNow, type Machine } from "../../../provider/core/machine";
import { believedNow, inNamesOfNow, placesOf, whereIs } from "../../../provider/core/move/places";
import { copy, entry, found, running } from "./machine-fixture";

const machine = (name: string): Machine => ({ id: `id-${name}`, docker: `d-${name}`, boot: name });
const places = (names: Record<string, Machine>, preferred: string[] = []) =>
  placesOf(new Map(Object.entries(names)), preferred);
const ids = (name: string) => ({ id: `id-${name}`, docker: `d-${name}` });

describe("names and machines", () => {
  test("each machine goes by one name, the preferred one first", () => {
    const all = { a: machine("A"), b: machine("B"), alias: machine("A") };
    expect([...places(all, ["alias"]).machines.keys()]).toEqual(["alias", "b"]);
    expect(places(all, ["alias"]).called.get("a")).toBe("alias");
    expect([...places(all).machines.keys()]).toEqual(["a", "b"]);
  });

  test("no two names that are left are one machine, and every name is called by one that is left", () => {
    const part = fc.constantFrom("", "1", "2", "3");
    const machines = fc.dictionary(
      fc.constantFrom("a", "b", "c", "d", "e"),
      fc.record({ id: part, docker: part, boot: part }),
    );
    fc.assert(
      fc.property(machines, fc.subarray(["a", "b", "c"]), (all, preferred) => {
        const { machines: left, called } = places(all, preferred);
        const each = [...left];
        for (const [name, one] of each) {
          for (const [other, its] of each) {
            if (name !== other) expect(isSameNow(one, its)).toBe(false);
          }
        }
        expect([...called.keys()].sort()).toEqual(Object.keys(all).sort());
        for (const name of called.values()) expect(left.has(name)).toBe(true);
      }),
    );
  });

  test.each<[string, Record<string, Machine>, string | undefined]>([
    ["under its own name", { old: machine("A"), b: machine("B") }, "old"],
    ["under another name", { alpha: machine("A"), b: machine("B") }, "alpha"],
    ["nowhere", { old: machine("B") }, undefined],
    ["with a new Docker, in its place", { old: { ...machine("A"), docker: "new" } }, "old"],
    ["as a clone of it elsewhere", { b: { ...machine("A"), docker: "clone" } }, undefined],
    ["with a new system elsewhere", { b: { ...machine("A"), id: "new" } }, "b"],
    ["beside a clone of it", { b: { ...machine("A"), docker: "c" }, z: machine("A") }, "z"],
  ])("a machine is found %s", (_name, all, where) => {
    expect(whereIs(ids("A"), "old", places(all))).toBe(where);
  });
});

describe("a clone that has all ids of the machine it was made from", () => {
  const all = { old: machine("A"), clone: { ...machine("A"), boot: "clone" } };

  test.each(["old", "clone"])(
    "is not taken for it when it goes by the name '%s' before",
    (name) => {
      for (const preferred of ["old", "clone"]) {
        expect(whereIs(ids("A"), name, places(all, [preferred]))).toBe(name);
      }
    },
  );
});

describe("journals in the names of now", () => {
  const all = places({ alpha: machine("A"), b: machine("B") });
  const of = (more: object) => inNamesOfNow(entry("retired", 1, "old", more), all).other;

  test("name the other host by its machine, where they know it", () => {
    expect(of({ otherMachine: ids("A") })).toBe("alpha");
    expect(of({})).toBe("old");
    const other = inNamesOfNow(entry("retired", 1, "b", { otherMachine: ids("C") }), all).other;
    expect(other).toMatch(/^b as it was, machine id-C/);
  });
});

describe("what state believes", () => {
  const findings = found([copy("b", 2, running)]);
  const now = (machineOfA: string, known?: string) =>
    believedNow(
      { host: "a", epoch: 3, ...(known === undefined ? {} : { machine: ids(known) }) },
      findings,
      places({ a: machine(machineOfA), b: machine("B") }),
    );

  test("is of a machine that is there, elsewhere, or lost", () => {
    expect(now("A", "A").host).toBe("a");
    expect(now("C", "B").host).toBe("b");
    expect(now("C", "A")).toMatchObject({
      host: expect.stringMatching(/^a as it was/) as string,
      replaced: { name: "a", known: ids("A"), answers: machine("C") },
    });
  });

  test("is of a name, where state of an earlier version knows no machine", () => {
    expect(now("C")).toEqual({ host: "a", epoch: 3 });
  });

  test("is borne out by a host that has it, whatever its ids say", () => {
    const has = found([copy("a", 3, running)]);
    const believed = { host: "a", epoch: 3, machine: ids("A") };
    expect(believedNow(believed, has, places({ a: machine("C") })).replaced).toBeUndefined();
  });
});
