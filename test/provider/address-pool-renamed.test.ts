import { addressPoolHandler, type AddressPoolState } from "../../provider/handlers/address-pool";
import { lateSubnetHandler, type LateSubnetState } from "../../provider/handlers/late-subnet";
import { leaveContainer } from "./left-container";
import { weaveFixture } from "./weave-fixture";

const base = { cluster: "net", pool: "10.40.0.0/24", exclude: [], ipallocRange: "10.32.0.0/13" };
const replicas = [{ key: "web-0" }, { key: "web-1" }];

function fixture() {
  const all = weaveFixture(2);
  for (const name of all.names) all.programs.rememberHost("net", name, all.connection(name));
  const pool = addressPoolHandler(all.context, all.programs);
  const late = lateSubnetHandler(all.context, all.programs);
  const planned = (olds: Partial<AddressPoolState>, ...requests: object[]) => {
    const { inputs, problems } = pool.check(olds, { ...base, requests });
    expect(problems).toEqual([]);
    return inputs as AddressPoolState;
  };
  return { ...all, pool, late, planned };
}

test("its containers, which have the old name still, are no obstacle to what it keeps", async () => {
  const it = fixture();
  const before = it.planned({}, { deployment: "apples", replicas });
  const after = it.planned(before, { deployment: "pears", formerly: ["apples"], replicas });
  expect(after.deployments).toEqual({
    pears: { ...before.deployments["apples"], formerly: ["apples"] },
  });
  await leaveContainer(it, "node2", "apples", "web-0", "10.40.0.2");
  expect(await it.pool.update("net", before, after)).toEqual(after);
  // And with a host that does not answer.
  it.world.setFaults("node1", { down: true });
  expect(await it.pool.update("net", before, after)).toEqual(after);
});

test("in a later run whoever has its old name is somebody else, and its containers are an obstacle", async () => {
  const it = fixture();
  const pears = { subnet: "10.40.0.0/28", leases: {}, formerly: ["apples"] };
  const apples = { subnet: "10.40.0.32/28", leases: {}, missing: 1 };
  const before = { ...base, deployments: { apples, pears } } as AddressPoolState;
  const after = {
    ...before,
    deployments: { pears: { ...pears, subnet: apples.subnet } },
  } as AddressPoolState;
  await leaveContainer(it, "node2", "apples", "web-0", "10.40.0.34");
  await expect(it.pool.update("net", before, after)).rejects.toThrow(
    "container 'apples-web-0' there still has an address of it",
  );
});

test("one that is declared late keeps what the pool remembers, unless another one has the name", async () => {
  const it = fixture();
  const inputs = (news: object): LateSubnetState => {
    const given = { ...base, known: {}, before: {}, replicas, ...news };
    const { inputs: found, problems } = it.late.check({}, given);
    expect(problems).toEqual([]);
    return found;
  };
  const apples = { subnet: "10.40.0.64/27", leases: { "web-0": "10.40.0.66" }, missing: 2 };
  const pears = { deployment: "pears", formerly: ["apples"] };
  const now = inputs({ ...pears, known: { apples } });
  expect(now).toMatchObject({ subnet: apples.subnet, leases: { "web-0": "10.40.0.66" } });
  const { missing: _, ...present } = apples;
  expect(inputs({ ...pears, known: { apples: present } }).subnet).not.toBe(apples.subnet);
  const late = { apples: apples.subnet };
  expect(inputs({ ...pears, known: { apples }, before: late }).subnet).not.toBe(apples.subnet);
  await leaveContainer(it, "node2", "apples", "web-0", "10.40.0.66");
  expect(await it.late.create(now)).toEqual({ id: "net/pears", outs: now });
  // The next run has it by its own state, with `formerly` or without.
  for (const again of [pears, { deployment: "pears" }]) {
    const given = { ...base, known: { apples }, before: {}, replicas, ...again };
    expect(it.late.check(now, given).inputs).toEqual(now);
  }
});
