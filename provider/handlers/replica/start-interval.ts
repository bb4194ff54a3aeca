import type { Host } from "../../core/adapter-ports";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import type { ReplicaTools } from "./replica-tools";

const FIRST_DOCKER_MAJOR = 25;

/**
 * Docker before 25 takes a healthcheck's start interval and forgets it: checks in the start period
 * then come as seldom as later ones, which keeps nothing from working.
 */
export async function tellOfStartInterval(
  { progress }: Pick<ReplicaTools, "progress">,
  host: Host,
  replica: PlacedReplica,
): Promise<void> {
  if (replica.spec.healthcheck?.startIntervalSeconds === undefined) return;
  const { version } = await host.docker.info();
  if (Number.parseInt(version, 10) >= FIRST_DOCKER_MAJOR) return;
  progress.warn(
    `${replicaLabel(replica)}: Docker ${version} on host '${host.name}' knows no \`start_interval\`, which is from ${FIRST_DOCKER_MAJOR} on: ` +
      "its own checks come every `interval` from the start",
  );
}
