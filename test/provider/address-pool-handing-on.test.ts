import { addressPoolHandler, type AddressPoolState } from "../../provider/handlers/address-pool";
import { Programs } from "../../provider/handlers/programs";
import { leaveContainer } from "./left-container";
import { weaveFixture } from "./weave-fixture";

const base = { cluster: "net", pool: "10.40.0.0/27", exclude: [], ipallocRange: "10.32.0.0/13" };
const asks = (deployment: string, ...keys: string[]) => ({
  deployment,
  replicas: keys.map((key) => ({ key })),
});

/**
 * A pool with room for one deployment, which had 29 replicas, of which some have left in an update
 * since.
 */
function fixture() {
  const all = weaveFixture(2);
  for (const name of all.names) all.programs.rememberHost("net", name, all.connection(name));
  const handler = addressPoolHandler(all.context, all.programs);
  const check = (olds: Partial<AddressPoolState>, ...requests: object[]) => {
    const { inputs, problems } = handler.check(olds, { ...base, requests });
    expect(problems).toEqual([]);
    return inputs as AddressPoolState;
  };
  const full = check({}, asks("apples", ...Array.from({ length: 29 }, (_, i) => `web-${i}`)));
  const fewer = check(full, asks("apples", "web-0"));
  const newcomer = check(
    fewer,
    asks("apples", "web-0", ...Array.from({ length: 28 }, (_, i) => `db-${i}`)),
  );
  const gone = check(full);
  const other = check(gone, asks("pears", "web-0"));
  const leave = (host: string, deployment: string, key: string, ip: string) =>
    leaveContainer(all, host, deployment, key, ip);
  return { ...all, handler, full, fewer, newcomer, gone, other, leave };
}

test("what nobody had costs no look at any host", async () => {
  const { handler, full, fewer, world, names } = fixture();
  for (const name of names) world.setFaults(name, { down: true });
  expect(await handler.update("net", full, fewer)).toEqual(fewer);
});

test("an address, or a subnet, of which no host has a container is handed on", async () => {
  const { handler, fewer, newcomer, gone, other, leave } = fixture();
  await leave("node2", "figs", "web-0", "10.40.9.2");
  expect(await handler.update("net", fewer, newcomer)).toEqual(newcomer);
  expect(await handler.update("net", gone, other)).toEqual(other);
});

test("while its container is there, stopped or not, on any host, it is not", async () => {
  const { handler, fewer, newcomer, gone, other, leave } = fixture();
  await leave("node2", "apples", "web-7", "10.40.0.9");
  await expect(handler.update("net", fewer, newcomer)).rejects.toThrow(
    /^giving the address 10\.40\.0\.9, which 'web-7' had, to 'db-\d+' of deployment 'apples' failed on host 'node2': container 'apples-web-7' there still has an address of it\. Run `pulumi up` without the newcomer until .*; nothing was changed\.$/,
  );
  await expect(handler.update("net", gone, other)).rejects.toThrow(
    /^giving the subnet 10\.40\.0\.0\/27, which deployment 'apples' had, to deployment 'pears' failed on host 'node2': container 'apples-web-7' there/,
  );
});

test("what the newcomer itself has left there from a run that was interrupted is no obstacle", async () => {
  const { handler, fewer, newcomer, gone, other, leave } = fixture();
  const key = Object.entries(newcomer.deployments.apples?.leases ?? {}).find(
    ([, ip]) => ip === "10.40.0.9",
  )?.[0];
  await leave("node1", "apples", key ?? "", "10.40.0.9");
  expect(await handler.update("net", fewer, newcomer)).toEqual(newcomer);
  await expect(handler.update("net", gone, other)).rejects.toThrow("still has an address of it");
});

test("of a host that does not answer nobody knows, and it stays its owner's", async () => {
  const { handler, fewer, newcomer, world } = fixture();
  world.setFaults("node1", { down: true });
  await expect(handler.update("net", fewer, newcomer)).rejects.toMatchObject({
    fault: { host: "node1", touched: "nothing" },
    message: expect.stringMatching(/could not be seen: .*Run `pulumi up` without the newcomer/),
  });
});

test("without a host to ask nothing changes hands", async () => {
  const { fewer, newcomer, context } = fixture();
  const handler = addressPoolHandler(context, new Programs());
  await expect(handler.update("net", fewer, newcomer)).rejects.toMatchObject({
    fault: { kind: "ours" },
  });
});
