import { volumeDrivers } from "../../../provider/adapters/volume/drivers";
import { UNKNOWN } from "../../../provider/core/unknown";
import { checkVolume } from "../../../provider/core/volume/check";
import type { KeptVolume, VolumeInputs } from "../../../provider/core/volume/model";

const news = (change = {}): VolumeInputs => ({
  project: "shop",
  stack: "prod",
  deployment: "apples",
  key: "data",
  name: "apples_data",
  driver: "local",
  driverOptions: {},
  external: false,
  deleteData: false,
  connections: { node1: { host: "n1" } },
  ...change,
});
const check = (change = {}, olds: Partial<KeptVolume> = {}) =>
  checkVolume(olds, news(change), volumeDrivers);
const reasons = (change = {}, olds: Partial<KeptVolume> = {}) =>
  check(change, olds).problems.map(({ reason }) => reason);

test("users are checked and not kept, so that a move is no change", () => {
  expect(check({ users: { "redis-0": "node1" } }).inputs).toEqual(
    check({ users: { "redis-0": "node2" } }).inputs,
  );
});

test("connections alone are no change", () => {
  const old = check().inputs;
  expect(check({ connections: { node1: { host: "x" } } }, old).inputs).toEqual(old);
  // Those of state would be shown by a preview where the program's are not known.
  expect(check({ connections: UNKNOWN }, old).inputs).toEqual({ ...old, connections: UNKNOWN });
});

test("one volume on two hosts is refused, with who and where", () => {
  expect(reasons({ users: { "web-1": "node2", "web-0": "node1" } })).toEqual([
    "volume 'data' lives on one host, but replicas on different hosts mount it: 'web-0' on 'node1', 'web-1' on 'node2'. " +
      "Give them one host, or a volume each.",
  ]);
  expect(reasons({ users: { "web-1": "node1", "web-0": "node1" } })).toEqual([]);
  expect(reasons({ users: { "web-1": UNKNOWN, "web-0": "node1" } })).toEqual([]);
});

test.each([["nfs"], ["convoy"]])("driver '%s' is not there yet, and says so", (driver) => {
  expect(reasons({ driver })[0]).toMatch(
    /wants driver '.*'; so far there are 'local' and 'flocker' only.*not there yet/,
  );
});

test("options of an existing volume cannot change; local and flocker mean the same", () => {
  const old = check().inputs;
  expect(reasons({ driverOptions: { size: "1g" } }, old)[0]).toMatch(
    /Docker does not change the options of a volume/,
  );
  expect(reasons({ driver: "flocker" }, old)).toEqual([]);
  expect(reasons({ driverOptions: UNKNOWN }, old)).toEqual([]);
});

test("a name that Docker would not take, or a shell would", () => {
  expect(reasons({ name: "$(x)" })[0]).toMatch(/is no name of a Docker volume/);
  expect(reasons({ name: UNKNOWN })).toEqual([]);
});
