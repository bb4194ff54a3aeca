import { FakeLocks } from "../../provider/adapters/fakes/fake-lock";
import type { FakeContainer } from "../../provider/adapters/fakes/fake-state";
import type { FakeHook, FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LABELS } from "../../provider/core/identity";
import { fakeReplica, HOSTS, REPLICA } from "./replica-fixture";

/**
 * Every single thing that is done to a host, in the order in which it is done, the steps of a
 * cutover included.
 */
export function watched(
  world: FakeWorld,
  before: FakeHook,
  after: FakeHook,
  locks = new FakeLocks(),
) {
  world.around = { before, after };
  return fakeReplica(world, (tools) => ({ ...tools, locks }));
}

export interface Killing {
  /** The number of the call that it is killed at, from 0 on. */
  readonly at: number;
  readonly when: "before" | "after";
}

/** A run whose process is gone from that call on; `look` sees every one before. */
export function runKilledAt(world: FakeWorld, look: () => void, { at, when }: Killing) {
  let made = 0;
  const killed = () => {
    throw new Error(`killed ${when} call ${at}`);
  };
  return watched(
    world,
    () => {
      if (made > at || (made === at && when === "before")) killed();
      look();
    },
    () => {
      look();
      made += 1;
      if (made > at && when === "after") killed();
    },
  );
}

/**
 * A client that is answered by whichever copy runs writes before and after every single call, and
 * remembers what was acknowledged. At no moment may two copies run.
 */
export function client(world: FakeWorld) {
  const acknowledged: { name: string; host: string }[] = [];
  const isCopy = ({ request, status }: FakeContainer) =>
    request.labels[LABELS.replica] === REPLICA && status === "running";
  const look = () => {
    // In place, as copies of whole hosts before and after every call would be most of the work.
    world.change(({ hosts }) => {
      const up = HOSTS.flatMap((host) =>
        hosts[host]!.faults.down
          ? []
          : hosts[host]!.containers.filter(isCopy).map((copy) => ({ host, copy })),
      );
      expect(up.length).toBeLessThanOrEqual(1);
      const [only] = up;
      if (only === undefined || only.copy.inboundBlocked === true) return;
      const { host } = only;
      const name = `write-${acknowledged.length}`;
      const volume = hosts[host]!.volumes.find((each) => each.name === "apples_data")!;
      volume.files[name] = { content: Buffer.from(name).toString("base64"), mode: 0o644 };
      acknowledged.push({ name, host });
    });
  };
  return { acknowledged, look };
}
