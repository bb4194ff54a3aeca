import type { Host } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import type { PlacedReplica } from "../../core/replica/model";

const FIRST_DOCKER_MAJOR = 26;

/** Docker before 26 takes a folder inside of a volume and forgets it: it would mount all of it. */
export async function requireSubPaths(
  host: Host,
  { spec }: Pick<PlacedReplica, "spec">,
): Promise<void> {
  const mounted = spec.mounts?.find((each) => each.type === "volume" && each.subPath !== undefined);
  if (mounted === undefined) return;
  const { version } = await host.docker.info();
  if (Number.parseInt(version, 10) >= FIRST_DOCKER_MAJOR) return;
  throw new FerryError({
    kind: "settings",
    host: host.name,
    reason:
      `Docker ${version} on host '${host.name}' cannot mount a folder inside of a volume (\`subpath\`, at ${mounted.target}), ` +
      `which is from ${FIRST_DOCKER_MAJOR} on`,
    advice: "Take a newer Docker there, or give the folder a volume of its own",
  });
}
