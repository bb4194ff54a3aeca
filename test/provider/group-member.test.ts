import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakeMoveParts } from "../../provider/adapters/fakes/fake-volume";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { JournalEntry } from "../../provider/core/move/journal";
import { decideForMember } from "../../provider/handlers/replica/member-decision";
import { discover } from "../../provider/handlers/replica/discover";
import { fakeReplica, HOSTS, program } from "./replica-fixture";

const LEAD = "shop/prod/apples/redis/0";
const MEMBER = "shop/prod/apples/backup/0";

/** The lead is on node2 for good; its member was stopped on node1 for that, and was not told. */
async function interruptedAfterCommit() {
  const world = FakeWorld.open().addHosts(...HOSTS);
  for (const name of HOSTS) world.addPlace({ host: name }, name);
  const tools = { hosts: fakeHostDirectory(world), ...fakeMoveParts(world) };
  const { connections } = program("node1");
  const host = (name: string) => tools.hosts.open(name, connections[name]!, "full");
  const idsOf = (name: string) => {
    const { id, docker } = world.host(name).machine;
    return { id, docker };
  };
  const facts = { version: 2, volumes: ["apples_data"], move: "m" } as const;
  const leaving = { ...facts, role: "source", epoch: 1, highest: 2 } as const;
  const to = { other: "node2", otherMachine: idsOf("node2") };
  const entries: [string, JournalEntry][] = [
    ["node1", { ...leaving, ...to, replica: LEAD, step: "committed" }],
    ["node1", { ...leaving, ...to, replica: MEMBER, step: "stopped", with: LEAD }],
    [
      "node2",
      {
        ...facts,
        ...{ role: "target", step: "starting", replica: LEAD, epoch: 2 },
        ...{ other: "node1", otherMachine: idsOf("node1") },
      },
    ],
  ];
  for (const [name, entry] of entries) await tools.journals.write(await host(name), entry);
  return { tools, connections };
}

test.each([
  ["as they were", { node1: "node1", node2: "node2", node3: "node3" }, "node2"],
  ["renamed", { node1: "node1", beta: "node2", node3: "node3" }, "beta"],
  ["swapped", { node1: "node1", node2: "node3", node3: "node2" }, "node3"],
])("a member goes where its lead is, its hosts' names being %s", async (_how, names, where) => {
  const { tools, connections } = await interruptedAfterCommit();
  const now = Object.fromEntries(
    Object.entries(names).map(([name, at]) => [name, connections[at]!]),
  );
  const replica = {
    ...fakeReplica().placed("node1", { service: "backup", connections: now }),
    connections: now,
  };
  const discovery = await discover(tools, replica, now);
  const along = await decideForMember(tools, discovery, false);
  expect(along).toMatchObject({
    kind: "do",
    ops: [
      { host: "node1", entry: { role: "source", step: "committed" } },
      { host: where, entry: { role: "home", replica: MEMBER, other: "node1" } },
    ],
  });
  // Which machine the other host is, is not said of its own.
  expect(JSON.stringify(along).match(/otherMachine/g)).toHaveLength(1);
});
