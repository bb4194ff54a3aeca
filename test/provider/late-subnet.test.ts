import { UNKNOWN } from "../../provider/core/unknown";
import { addressPoolHandler, type AddressPoolState } from "../../provider/handlers/address-pool";
import { lateSubnetHandler, type LateSubnetState } from "../../provider/handlers/late-subnet";
import { leaveContainer } from "./left-container";
import { weaveFixture } from "./weave-fixture";

const base = { cluster: "net", pool: "10.40.0.0/24", exclude: [], ipallocRange: "10.32.0.0/13" };
const pears = {
  ...base,
  deployment: "pears",
  known: {},
  before: {},
  replicas: [{ key: "web-0" }, { key: "web-1" }],
};

function fixture() {
  const all = weaveFixture(2);
  for (const name of all.names) all.programs.rememberHost("net", name, all.connection(name));
  return {
    ...all,
    handler: lateSubnetHandler(all.context, all.programs),
    pool: addressPoolHandler(all.context, all.programs),
  };
}

function accepted(news: object, olds: Partial<LateSubnetState> = {}): LateSubnetState {
  const { inputs, problems } = fixture().handler.check(olds, { ...pears, ...news });
  expect(problems).toEqual([]);
  return inputs;
}

test("it is planned in check, and planned again from its own result nothing differs", () => {
  const first = accepted({});
  expect(Object.keys(first).sort()).toEqual(["cluster", "deployment", "leases", "subnet"]);
  expect(accepted({ known: { figs: { subnet: "10.40.0.0/27", leases: {} } } }, first)).toEqual(
    first,
  );
});

test("what the pool remembers of it is its own, less the mark", () => {
  const known = {
    pears: { subnet: "10.40.0.64/27", leases: { "web-0": "10.40.0.66" }, missing: 2 },
  };
  expect(accepted({ known })).toMatchObject({
    subnet: "10.40.0.64/27",
    leases: { "web-0": "10.40.0.66", "web-1": "10.40.0.67" },
  });
  expect(accepted({ known })).not.toHaveProperty("missing");
});

test("what is not known yet leaves it unknown, and is never taken for an address", () => {
  for (const news of [
    { known: UNKNOWN },
    { pool: UNKNOWN },
    { replicas: UNKNOWN },
    { subnet: UNKNOWN },
  ])
    expect(accepted(news).subnet).toBe(UNKNOWN);
  const planned = accepted({});
  const known = { figs: { subnet: UNKNOWN, leases: {} } };
  expect(accepted({ known, before: { plums: UNKNOWN } })).toEqual(planned);
});

test("those that came late before it have theirs", () => {
  const { subnet } = accepted({});
  expect(accepted({ before: { plums: subnet } }).subnet).not.toBe(subnet);
});

test("a block in which somebody still has an address is refused before anything is made there, by either", async () => {
  const all = fixture();
  const inputs = accepted({});
  expect(await all.handler.create(inputs)).toEqual({ id: "net/pears", outs: inputs });
  await leaveContainer(all, "node2", "plums", "web-0", inputs.leases["web-0"] ?? "");
  const refusal = "container 'plums-web-0' there still has an address of it";
  await expect(all.handler.create(inputs)).rejects.toThrow(refusal);
  await expect(
    all.handler.update("net/pears", { ...inputs, subnet: "10.40.0.0/27" }, inputs),
  ).rejects.toThrow(refusal);
  expect(await all.handler.update("net/pears", inputs, inputs)).toEqual(inputs);

  const before = { ...base, deployments: {} } as AddressPoolState;
  const figs = { subnet: inputs.subnet, leases: { "web-0": inputs.leases["web-0"] ?? "" } };
  const after = { ...before, deployments: { figs } };
  await expect(all.pool.update("net", before, after)).rejects.toThrow(refusal);
});

test("its own containers are no obstacle", async () => {
  const all = fixture();
  const inputs = accepted({});
  await leaveContainer(all, "node2", "pears", "web-0", inputs.leases["web-0"] ?? "");
  expect(await all.handler.create(inputs)).toEqual({ id: "net/pears", outs: inputs });
});

test("on a host that does not answer, one that is declared later may have it: nobody else gets it", async () => {
  const all = fixture();
  const inputs = accepted({});
  await leaveContainer(all, "node2", "plums", "web-0", inputs.leases["web-0"] ?? "");
  all.world.setFaults("node2", { down: true });
  const refusal =
    /giving the subnet .* to deployment '.*' failed on host 'node2' .* could not be seen/;
  await expect(all.handler.create(inputs)).rejects.toThrow(refusal);
  const before = { ...base, deployments: {} } as AddressPoolState;
  const figs = { subnet: inputs.subnet, leases: {} };
  await expect(
    all.pool.update("net", before, { ...before, deployments: { figs } }),
  ).rejects.toThrow(refusal);
  // Who has it keeps it all the same.
  expect(await all.handler.update("net/pears", inputs, inputs)).toEqual(inputs);
});

test("a deployment that was late, and is in time again, asks for its new addresses", async () => {
  const all = fixture();
  const had = { subnet: "10.40.0.0/27", leases: { "web-0": "10.40.0.2" }, missing: 1 };
  const before = { ...base, deployments: { pears: had } } as AddressPoolState;
  const requests = [{ deployment: "pears", replicas: [{ key: "db-0" }, { key: "web-0" }] }];
  const after = all.pool.check(before, { ...base, requests }).inputs as AddressPoolState;
  expect(await all.pool.update("net", before, after)).toEqual(after);
  await leaveContainer(
    all,
    "node2",
    "pears",
    "web-1",
    after.deployments["pears"]?.leases["db-0"] ?? "",
  );
  await expect(all.pool.update("net", before, after)).rejects.toThrow(
    "giving the address 10.40.0.3 to 'db-0' of deployment 'pears' failed on host 'node2'",
  );
});
