import * as fc from "fast-check";
import { KNOWN_DRIVERS } from "../../../provider/core/volume/known-drivers";
import { knownScope, scopeOf, SCOPES, type Scope } from "../../../provider/core/volume/scope";
import { UNKNOWN } from "../../../provider/core/unknown";

test.each<[string, Record<string, string>, Scope]>([
  ["local", {}, "host"],
  ["flocker", {}, "host"],
  ["local", { size: "1g" }, "host"],
  ["local", { type: "nfs", o: "addr=192.0.2.9,rw", device: ":/export" }, "shared"],
  ["local", { type: "cifs", device: "//files/share" }, "shared"],
  ["local", { type: "none", o: "bind", device: "/srv" }, "host"],
  ["local", { type: "ext4", device: "/dev/sdb" }, "host"],
  ["vieux/sshfs:latest", {}, "shared"],
  ["rexray/ebs", {}, "attach"],
  ["Linode/docker-volume-linode:latest", {}, "attach"],
  ["local-persist", {}, "host"],
  ["convoy", {}, "attach"],
])("driver '%s' with %p is %s", (driver, driverOptions, scope) => {
  expect(scopeOf({ driver, driverOptions })).toBe(scope);
});

test("the program's word counts before all else", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("local", "flocker", ...KNOWN_DRIVERS.flatMap(({ names }) => names), "convoy"),
      fc.dictionary(fc.constantFrom("type", "o", "device"), fc.string()),
      fc.constantFrom(...SCOPES),
      (driver, driverOptions, scope) => {
        expect(scopeOf({ driver, driverOptions, scope })).toBe(scope);
      },
    ),
  );
});

test("a driver that nobody knows is guessed, and known to be", () => {
  expect(knownScope({ driver: "convoy" })).toBeUndefined();
  expect(knownScope({ driver: UNKNOWN })).toBe("host");
});

test("no name is two drivers', and each has its source", () => {
  const names = KNOWN_DRIVERS.flatMap((driver) => driver.names);
  expect(new Set(names).size).toBe(names.length);
  for (const { source } of KNOWN_DRIVERS) expect(source).not.toBe("");
});
