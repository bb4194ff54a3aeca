import type { Host } from "../../provider/core/adapter-ports";
import type { Topology } from "../../provider/core/weave/topology";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import { newStack, up, type Stack, type Wish } from "./cluster-fixture";
import { weaveFixture } from "./weave-fixture";

type Fixture = ReturnType<typeof weaveFixture>;

class Killed extends Error {}

/**
 * The fixture with every call of Weave's announced before and after; what is thrown there is the
 * end of the run.
 */
function watched(all: Fixture, before: (call: string) => void, after: (call: string) => void) {
  const weaveOf = (host: Host) =>
    new Proxy(all.weave(host.name), {
      get(target, name): unknown {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]): Promise<unknown> => {
          const call = `${String(name)} on ${host.name}`;
          before(call);
          const result: unknown = await Reflect.apply(member, target, given);
          after(call);
          return result;
        };
      },
    });
  return { ...all, options: { ...all.options, weaveOf, locks: all.lockTable.run() } };
}

interface Story {
  readonly name: string;
  readonly start: Wish;
  /** What happens to the hosts in between. */
  readonly meanwhile?: (all: Fixture, stack: Stack) => Promise<void>;
  readonly wish: Wish;
}

const NAMES = ["node1", "node2", "node3", "node4"];
const fixed: Topology = { kind: "fixed", core: ["node1", "node2"] };

const STORIES: readonly Story[] = [
  { name: "forming", start: { hosts: [] }, wish: { hosts: NAMES.slice(0, 2) } },
  { name: "growing", start: { hosts: NAMES.slice(0, 2) }, wish: { hosts: NAMES } },
  { name: "shrinking", start: { hosts: NAMES }, wish: { hosts: NAMES.slice(0, 2) } },
  {
    name: "observers that come",
    start: { topology: fixed, hosts: NAMES.slice(0, 2) },
    wish: { topology: fixed, hosts: NAMES },
  },
  {
    name: "another flag",
    start: { hosts: NAMES.slice(0, 3) },
    wish: { hosts: NAMES.slice(0, 3), peer: () => ({ mtu: 1300 }) },
  },
  {
    name: "a dead host that leaves",
    start: { hosts: NAMES.slice(0, 3) },
    meanwhile: async (all) => {
      await all.weave("node3").stop();
      all.world.setFaults("node3", { down: true });
    },
    wish: { hosts: NAMES.slice(0, 2) },
  },
  {
    name: "a removed host that comes back",
    start: { hosts: NAMES.slice(0, 3) },
    meanwhile: async (all, stack) => {
      await all.weave("node3").stop();
      all.world.setFaults("node3", { down: true });
      await up(all, stack, { hosts: NAMES.slice(0, 2) });
      all.world.setFaults("node3", { down: false });
      all.weave("node3").isRunning = true;
    },
    wish: { hosts: NAMES.slice(0, 3) },
  },
];

async function begun({ start, meanwhile }: Story) {
  const all = weaveFixture(NAMES.length);
  const stack = newStack();
  if (start.hosts.length > 0) await up(all, stack, start);
  await meanwhile?.(all, stack);
  return { all, stack };
}

async function callsOf(story: Story): Promise<string[]> {
  const { all, stack } = await begun(story);
  const calls: string[] = [];
  const it = watched(
    all,
    (call) => void calls.push(call),
    () => undefined,
  );
  await up(it, stack, story.wish);
  return calls;
}

/**
 * The network is what the program says: connected, all of the range in the hands of those that are
 * in it, none marked.
 */
async function expectAsWished(all: Fixture, stack: Stack, { wish }: Story): Promise<void> {
  expect([...stack.peers.keys()].sort()).toEqual([...wish.hosts].sort());
  const names = new Set<string>();
  for (const host of wish.hosts) {
    const report = await all.weave(host).report();
    names.add(report?.peerName ?? "");
    expect(report?.ipam?.shares.reduce((sum, { addresses }) => sum + addresses, 0)).toBe(2 ** 19);
    const dialled = report?.targets.map((target) => all.network.hosts.get(target)?.host);
    expect(dialled?.every((each) => wish.hosts.includes(each ?? ""))).toBe(true);
    expect(stack.peers.get(host)?.joined).toBeUndefined();
  }
  const first = await all.weave(wish.hosts[0]!).report();
  expect(first?.ipam?.shares.every(({ peerName }) => names.has(peerName))).toBe(true);
  // A mesh that was done before the cutover is not done again: a refresh says how it is now.
  const refreshed = await meshHandler(all.context, all.options).read("net", stack.mesh!);
  expect(refreshed).toMatchObject({ outs: { health: { status: "healthy", problems: [] } } });
  expect(refreshed?.inputs).toBeUndefined();
}

const where = (calls: readonly string[], at: number, when: string) =>
  `killed ${when} call ${at}, ${calls[at] ?? ""}`;

describe.each(STORIES)("$name, interrupted at any call", (story) => {
  test("is finished by the next run", async () => {
    const calls = await callsOf(story);
    expect(calls.length).toBeGreaterThan(10);
    for (const when of ["before", "after"] as const) {
      for (let at = 0; at < calls.length; at++) {
        const { all, stack } = await begun(story);
        let [started, ended] = [0, 0];
        let dead = false;
        const die = () => {
          dead = true;
          throw new Killed(where(calls, at, when));
        };
        const killed = watched(
          all,
          () => {
            if (dead || (started === at && when === "before")) die();
            started += 1;
          },
          () => {
            ended += 1;
            if (dead || (ended > at && when === "after")) die();
          },
        );
        await expect(up(killed, stack, story.wish)).rejects.toThrow(Killed);
        try {
          await up(
            { ...all, options: { ...all.options, locks: all.lockTable.run() } },
            stack,
            story.wish,
          );
          await expectAsWished(all, stack, story);
        } catch (error) {
          throw new Error(where(calls, at, when), { cause: error });
        }
      }
    }
  }, 120_000);
});
