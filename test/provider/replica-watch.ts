import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LABELS } from "../../provider/core/identity";
import type { Host } from "../../provider/core/ports";
import { fakeReplica, HOSTS, REPLICA } from "./replica-fixture";

/** Every call to a host, of every port, in the order in which they are made. */
export type Hook = (call: string, host: string) => void;

export function watched(world: FakeWorld, before: Hook, after: Hook) {
  const guard = <T extends object>(of: T, prefix: string, hostOf: (args: unknown[]) => string): T =>
    new Proxy(of, {
      get(target, property, receiver) {
        const member: unknown = Reflect.get(target, property, receiver);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          const call = `${prefix}.${String(property)}`;
          const host = hostOf(args);
          before(call, host);
          const result: unknown = await (member as (...all: unknown[]) => unknown).apply(
            target,
            args,
          );
          after(call, host);
          return result;
        };
      },
    });
  const nameOf = ([host]: unknown[]) => (host as Host).name;
  return fakeReplica(world, (tools) => ({
    hosts: {
      ...tools.hosts,
      open: async (name, connection) => {
        const host = await tools.hosts.open(name, connection);
        return { ...host, docker: guard(host.docker, "docker", () => name) };
      },
    },
    facts: guard(tools.facts, "facts", nameOf),
    records: guard(tools.records, "records", nameOf),
    fence: guard(tools.fence, "fence", nameOf),
    movers: {
      ...tools.movers,
      open: async (route) => {
        before("mover.open", route.target.name);
        return guard(await tools.movers.open(route), "mover", () => route.target.name);
      },
    },
  }));
}

/**
 * A client that is answered by whichever copy runs writes before and after every single call, and remembers what was
 * acknowledged. At no moment may two copies run.
 */
export function client(world: FakeWorld) {
  const acknowledged: { name: string; host: string }[] = [];
  const look = () => {
    const up = HOSTS.filter((host) =>
      world
        .host(host)
        .containers.some(
          ({ request, status }) =>
            request.labels[LABELS.replica] === REPLICA && status === "running",
        ),
    );
    expect(up.length).toBeLessThanOrEqual(1);
    const [host] = up;
    if (host === undefined) return;
    const name = `write-${acknowledged.length}`;
    world.change(({ hosts }) => {
      const volume = hosts[host]!.volumes.find((each) => each.name === "apples_data")!;
      volume.files[name] = { content: Buffer.from(name).toString("base64"), mode: 0o644 };
    });
    acknowledged.push({ name, host });
  };
  return { acknowledged, look };
}
