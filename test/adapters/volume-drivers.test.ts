import { readFileSync } from "fs";
import { join } from "path";
import { volumeDrivers } from "../../provider/adapters/volume/drivers";
import { hostDriver } from "../../provider/adapters/volume/drivers/host-driver";
import { DEFAULT_DRIVER } from "../../provider/core/volume/driver";

const page = readFileSync(join(__dirname, "../../docs/volumes.md"), "utf8");

/** The first two columns of the table of drivers. */
const told = page
  .split("## Whose a volume is")[0]!
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, names, where]) => ({ names: names!.replaceAll("`", "").split(", "), where }));

test("docs/volumes.md has each driver with where its data is, and no other", () => {
  const where = { host: "one host", shared: "every host" };
  expect(told).toEqual(
    volumeDrivers.rows.map(({ names, scope }) => ({ names: [...names], where: where[scope] })),
  );
});

test("no name is two drivers'", () => {
  const names = volumeDrivers.rows.flatMap((driver) => driver.names);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain(DEFAULT_DRIVER);
});

const volume = (driver: string, options: Record<string, string> = {}) => ({
  ...{ name: "apples_data", mountpoint: "/v", labels: {}, driver, options },
});

test.each<[string, ReturnType<typeof volume>, boolean, RegExp | undefined]>([
  ["of Docker's own making", volume("local"), true, undefined],
  ["with a size", volume("local", { size: "1g" }), true, undefined],
  [
    "mounted from elsewhere",
    volume("local", { type: "nfs", o: "addr=10.0.0.1" }),
    false,
    /mounted/,
  ],
  ["with an option left empty", volume("local", { device: "" }), true, undefined],
  ["of another driver of Docker's", volume("convoy"), false, /has Docker's driver 'convoy'/],
])("the host's driver and a volume %s", (_name, existing, own, problem) => {
  expect(hostDriver.recognises(existing)).toBe(own);
  if (problem === undefined) expect(hostDriver.handOverProblem(existing)).toBeUndefined();
  else expect(hostDriver.handOverProblem(existing)).toMatch(problem);
});
