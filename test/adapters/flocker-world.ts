import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LET_GO } from "../../provider/adapters/volume/let-go";
import { FLOCKER_NODE } from "../../provider/adapters/volume/flocker/node-of";
import type { Node } from "./flocker-agents";
import type { FlockerServer } from "./flocker-server";

/** Long enough for the agents of a test on a busy machine, and over some time. */
export const PATIENCE = { moveMs: 5_000, answerMs: 2_000, lookMs: 40 };

export const nodeOf = (index: number): Node => ({
  uuid: `00000000-0000-4000-8000-00000000000${index}`,
  host: `192.0.2.${index}`,
});

/** Fake hosts with Flocker's agents on them, whose Docker lets go of a volume as nothing runs. */
export function installFlocker(
  world: FakeWorld,
  server: FlockerServer,
  hosts: readonly string[],
): void {
  world.change(({ hosts: all }) => {
    hosts.forEach((name, index) => {
      const node = server.agents.nodes[index];
      if (node === undefined) return;
      all[name]!.extra["flocker"] = server.certificates.node(node.uuid).cert;
    });
  });
  world.scripts.set(FLOCKER_NODE, ({ host }) => ({
    stdout: (host.extra["flocker"] as string | undefined) ?? "",
  }));
  world.scripts.set(LET_GO, ({ host }) => {
    const isUsed = host.containers.some(({ status }) => status === "running");
    return { exitCode: isUsed ? 46 : 0 };
  });
}
