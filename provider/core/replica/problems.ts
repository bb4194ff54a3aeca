import { containsAddress, lastOf, parseAddress, parseCidr } from "../addresses/ipv4";
import { FerryError, type InputProblem } from "../errors";
import { network } from "../network";
import { containsUnknown, isUnknown } from "../unknown";
import type { PlacedReplica } from "./model";
import { hasOwnNetwork } from "./own-network";
import { dnsNameProblem, labelProblem } from "./replica-names";

/** Everything that is wrong with a replica's inputs. What is not known yet is taken to be right. */
export function replicaProblems(replica: PlacedReplica): InputProblem[] {
  return [
    ...hostProblems(replica),
    ...nameProblems(replica),
    ...addressProblems(replica),
    ...networkProblems(replica),
    ...mountProblems(replica),
    ...environmentProblems(replica),
    ...settingProblems(replica),
  ];
}

const problem = (property: string, reason: string): InputProblem[] => [{ property, reason }];

function hostProblems({ host, connections }: PlacedReplica): InputProblem[] {
  if (isUnknown(host) || isUnknown(connections) || host in connections) return [];
  const known = Object.keys(connections).sort().join(", ");
  return problem("host", `the cluster has no host '${host}'. It has: ${known}.`);
}

function nameProblems({ deployment, service, dnsDomain, index }: PlacedReplica): InputProblem[] {
  const wrongIndex =
    isUnknown(index) || (Number.isInteger(index) && index >= 0)
      ? []
      : problem("index", `${index} is no index of a replica; they are counted from 0.`);
  if (containsUnknown([deployment, service, dnsDomain])) return wrongIndex;
  const wrong = (["deployment", "service"] as const).flatMap((property) => {
    const reason = labelProblem(property === "service" ? service : deployment);
    return reason === undefined ? [] : problem(property, `${reason}.`);
  });
  if (wrong.length > 0) return [...wrong, ...wrongIndex];
  const whole = dnsNameProblem(service, deployment, dnsDomain);
  return [...(whole === undefined ? [] : problem("dnsDomain", `${whole}.`)), ...wrongIndex];
}

function addressProblems({ ip, subnet }: PlacedReplica): InputProblem[] {
  if (isUnknown(ip) || isUnknown(subnet)) return [];
  let property = "subnet";
  try {
    const block = parseCidr(subnet);
    property = "ip";
    const address = parseAddress(ip);
    if (!containsAddress(block, address)) {
      return problem("ip", `'${ip}' is outside the deployment's subnet ${subnet}.`);
    }
    const reserved = block.prefix < 31 && (address === block.base || address === lastOf(block));
    return reserved
      ? problem(
          "ip",
          `'${ip}' is the network or broadcast address of ${subnet}; no replica can have it.`,
        )
      : [];
  } catch (error) {
    if (error instanceof FerryError) return problem(property, `${error.message}.`);
    throw error;
  }
}

function networkProblems({ spec }: PlacedReplica): InputProblem[] {
  if (isUnknown(spec) || hasOwnNetwork(spec) || isUnknown(spec.ports)) return [];
  return (spec.ports ?? []).length === 0
    ? []
    : problem(
        "spec.ports",
        "a container without a network of its own publishes none. Remove them.",
      );
}

function mountProblems({ spec, volumes, files = {} }: PlacedReplica): InputProblem[] {
  if (isUnknown(spec) || isUnknown(spec.mounts) || isUnknown(volumes)) return [];
  return (spec.mounts ?? []).flatMap((mount, index) => {
    if (isUnknown(mount) || isUnknown(mount.target)) return [];
    const property = `spec.mounts[${index}]`;
    if (!mount.target.startsWith("/")) {
      return problem(property, `'${mount.target}' is no absolute path in the container.`);
    }
    if (mount.type === "file") {
      if (isUnknown(files) || isUnknown(mount.file) || mount.file in files) return [];
      return problem(property, `there is no file '${mount.file}' to mount at ${mount.target}.`);
    }
    if (mount.type !== "volume" || mount.volume === undefined || mount.volume in volumes) return [];
    const known = Object.keys(volumes).sort().join(", ");
    const those = known === "" ? "The replica has no volumes" : `The replica has: ${known}`;
    return problem(
      property,
      `there is no volume '${mount.volume}' to mount at ${mount.target}. ${those}.`,
    );
  });
}

function environmentProblems({ environment }: PlacedReplica): InputProblem[] {
  if (isUnknown(environment)) return [];
  return Object.keys(environment).flatMap((name) => {
    if (name === network.variable) {
      return problem(`environment.${name}`, "Ferry sets it: use `ip` for the replica's address.");
    }
    return /^[^=\0]+$/.test(name)
      ? []
      : problem("environment", `'${beforeEquals(name)}' is no name of an environment variable.`);
  });
}

/** What stands behind it may be a value that was put into the name. */
function beforeEquals(name: string): string {
  const [first = ""] = name.split("=");
  return first === name ? name : `${first}=...`;
}

function settingProblems({ verify, healthTimeoutSeconds }: PlacedReplica): InputProblem[] {
  const wrongVerify =
    isUnknown(verify) || ["manifest", "content"].includes(verify)
      ? []
      : problem("verify", `'${verify}' is neither "manifest" nor "content".`);
  const wrongTimeout =
    isUnknown(healthTimeoutSeconds) ||
    (Number.isFinite(healthTimeoutSeconds) && healthTimeoutSeconds > 0)
      ? []
      : problem("healthTimeoutSeconds", `${healthTimeoutSeconds} is no number of seconds above 0.`);
  return [...wrongVerify, ...wrongTimeout];
}
