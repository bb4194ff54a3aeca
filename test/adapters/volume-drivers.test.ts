import { readFileSync } from "fs";
import { join } from "path";
import { volumeDrivers } from "../../provider/adapters/volume/drivers";
import { dockerDriver } from "../../provider/adapters/volume/drivers/docker-driver";
import { hostDriver } from "../../provider/adapters/volume/drivers/host-driver";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { KNOWN_DRIVERS } from "../../provider/core/volume/known-drivers";
import { DEFAULT_DRIVER } from "../../provider/core/volume/driver";

const page = readFileSync(join(__dirname, "../../docs/volumes.md"), "utf8");

/** Every name in the first column of the table of drivers, with its scope. */
const documented = page
  .split("## Whose a volume is")[0]!
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .flatMap(([, names, scope]) =>
    // Those of `type` are no drivers.
    [...names!.replace(/with `type`.*?;/, ";").matchAll(/`([^`]+)`/g)].map(
      ([, name]) => [name!, scope!.replaceAll("`", "")] as const,
    ),
  )
  .sort();

test("docs/volumes.md has each driver with its scope, and no other", () => {
  const known = [
    ...volumeDrivers.rows.flatMap(({ names, scope }) => names.map((name) => [name, scope])),
    ...KNOWN_DRIVERS.flatMap(({ names, scope }) => names.map((name) => [name, scope])),
    ["local", "shared"],
    ["flocker", "attach"],
  ];
  expect(documented).toEqual(known.sort());
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

describe("Docker's own word for a driver", () => {
  const made = { ...volume("rbd", { size: "1g" }), labels: { "pulumi-ferry.volume": "x" } };

  test("options are compared where the host knows them", () => {
    const rbd = dockerDriver("rbd", "attach", true);
    expect(rbd.hasOptions(made, { size: "1g" })).toBe(true);
    expect(rbd.hasOptions(made, { size: "2g" })).toBe(false);
    expect(rbd.hasOptions(volume("rbd"), { size: "2g" })).toBe(true);
    expect(rbd.hasOptions(volume("other"), {})).toBe(false);
    const nfs = dockerDriver("local", "shared", true);
    expect(nfs.hasOptions(volume("local"), { type: "nfs" })).toBe(false);
  });

  test("what is in a folder of the host is neither handed over nor forgotten", async () => {
    const shared = dockerDriver("local", "shared", true);
    expect(shared.handOverProblem(volume("local"))).toMatch(/is in a folder of its host/);
    expect(shared.handOverProblem(volume("local", { device: ":/data" }))).toBeUndefined();
    const world = FakeWorld.open().addHosts("node1");
    const host = await fakeHostDirectory(world).open("node1", { host: "node1", hostKey: "k" });
    const names = () => world.host("node1").volumes.map(({ name }) => name);
    for (const [name, options] of [
      ["own", {}],
      ["served", { device: ":/data" }],
    ] as const) {
      await host.docker.createVolume({ name, driver: "local", options, labels: {} });
      await shared.forget(host, name);
    }
    expect(names()).toEqual(["own"]);
  });

  test("a guess gives way to what the driver says", () => {
    const guessed = dockerDriver("convoy", "attach", false);
    expect(guessed.handOverProblem(volume("convoy"))).toMatch(/says that its data is on one host/);
    expect(guessed.handOverProblem({ ...volume("convoy"), declared: "global" })).toBeUndefined();
    expect(dockerDriver("zfs", "host", true).handOverProblem(volume("zfs"))).toMatch(/keeps the/);
  });
});
