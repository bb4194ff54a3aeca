import type { FakeHook, FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LABELS } from "../../provider/core/identity";
import { fakeReplica, HOSTS, REPLICA } from "./replica-fixture";

/** Every single thing that is done to a host, in the order in which it is done, the steps of a cut included. */
export function watched(world: FakeWorld, before: FakeHook, after: FakeHook) {
  world.around = { before, after };
  return fakeReplica(world);
}

/**
 * A client that is answered by whichever copy runs writes before and after every single call, and remembers what was
 * acknowledged. At no moment may two copies run.
 */
export function client(world: FakeWorld) {
  const acknowledged: { name: string; host: string }[] = [];
  const look = () => {
    const up = HOSTS.flatMap((host) =>
      world
        .host(host)
        .containers.filter(
          ({ request, status }) =>
            request.labels[LABELS.replica] === REPLICA && status === "running",
        )
        .map(({ behindDoor }) => ({ host, behindDoor })),
    );
    expect(up.length).toBeLessThanOrEqual(1);
    const [copy] = up;
    if (copy === undefined || copy.behindDoor === true) return;
    const { host } = copy;
    const name = `write-${acknowledged.length}`;
    world.change(({ hosts }) => {
      const volume = hosts[host]!.volumes.find((each) => each.name === "apples_data")!;
      volume.files[name] = { content: Buffer.from(name).toString("base64"), mode: 0o644 };
    });
    acknowledged.push({ name, host });
  };
  return { acknowledged, look };
}
