import { readFile } from "fs/promises";
import { Registrations } from "../../components/registrations";

const registrations = () => new Registrations<string>((item) => `${item} is too late`);

describe("Registrations", () => {
  it("settles with everything that was declared in one go", async () => {
    const some = registrations();
    some.add("a");
    some.add("b");
    expect(await some.all).toEqual(["a", "b"]);
  });

  it("waits for what is declared after short awaits, as a program with top-level awaits does", async () => {
    const some = registrations();
    some.add("a");
    await Promise.resolve();
    some.add("b");
    await new Promise((resolve) => process.nextTick(resolve));
    some.add("c");
    expect(await some.all).toEqual(["a", "b", "c"]);
  });

  it("is not in time after anything from outside, however quick: neither a disk nor the clock decides", async () => {
    const some = registrations();
    some.add("a");
    for (let i = 0; i < 1000; i++) await Promise.resolve();
    some.add("b");
    const end = Date.now() + 20;
    const read = readFile(__filename);
    while (Date.now() < end);
    await read;
    expect(some.closed).toBe(true);
    expect(await some.all).toEqual(["a", "b"]);
  });

  it("settles when nothing is declared", async () => {
    expect(await registrations().all).toEqual([]);
  });

  it("refuses what comes later, with the caller's sentence", async () => {
    const some = registrations();
    await some.all;
    expect(() => some.add("a")).toThrow("a is too late");
  });
});
