import { FerryError } from "../../core/errors";
import { LABELS, replicaId } from "../../core/identity";
import { estimateInWords, ASSUMED_RATE, type Estimate } from "../../core/move/estimate";
import { otherArchitecture, otherOwners } from "../../core/move/preflight";
import type { Host } from "../../core/adapter-ports";
import type { PlacedReplica } from "../../core/replica/model";
import { copiedVolumes } from "../../core/replica/following-volumes";
import { replicaLabel } from "../../core/replica/replica-names";
import { epochOf, imageAskedFor } from "../../core/replica/request";
import { withDeadline } from "../preview-deadline";
import { openHost } from "../replica/discover";
import { sentence } from "../replica/outcome";
import { otherMeaning } from "../replica/own-image";
import type { ReplicaTools } from "../replica/replica-tools";
import { movedVolumes } from "./job";
import { attachedOnes, scopesOn, withoutShared } from "./scopes";
import { hostProgram } from "../../on-host/load";

const LINK_SPEED = hostProgram("host/link-speed.sh");

/**
 * Looks at both hosts and says in the preview how much a move would copy and how long that takes.
 * The one thing that ever reaches for hosts before `up`, and only where the program asks for it;
 * whatever fails is a warning.
 */
export async function tellEstimate(
  tools: ReplicaTools,
  from: string,
  next: PlacedReplica,
): Promise<void> {
  const label = replicaLabel(next);
  try {
    const estimate = await withDeadline(look(tools, from, next));
    tools.progress.info(`  estimate: ${estimateInWords(estimate)}`);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    tools.progress.warn(`${label}: its move could not be estimated: ${sentence(error)}`);
  }
}

async function look(tools: ReplicaTools, home: string, next: PlacedReplica): Promise<Estimate> {
  const { connections } = next;
  const [source, target] = await Promise.all([
    openHost(tools, home, connections),
    openHost(tools, next.host, connections),
  ]);
  const [ours, theirs] = await Promise.all([source.docker.info(), target.docker.info()]);
  const [from, to] = [
    { host: source.name, ...ours },
    { host: target.name, ...theirs },
  ] as const;
  const data = Object.keys(next.volumes).length > 0;
  const other = otherArchitecture(from, to) ?? (data ? otherOwners(from, to) : undefined);
  if (other !== undefined) {
    tools.progress.warn(`${replicaLabel(next)}: \`up\` will refuse to move it: ${other}`);
  }
  const containers = await source.docker.containers({ [LABELS.replica]: replicaId(next) });
  const newest = containers.sort((a, b) => epochOf(b) - epochOf(a)).slice(0, 1);
  const scopes = await scopesOn(tools, source, next);
  const [container] = withoutShared(newest, scopes);
  if (container === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason: `host '${source.name}' has no container of it.`,
    });
  }
  const reference = next.spec.image;
  if (imageAskedFor(container) === reference) {
    const [own, named] = await Promise.all([
      source.docker.image(container.imageId),
      target.docker.image(reference),
    ]);
    const meaning = own && otherMeaning({ host: target, reference, own }, named);
    if (meaning !== undefined) tools.progress.warn(`${replicaLabel(next)}: ${meaning}`);
  }
  const volumes = movedVolumes({ container, attached: attachedOnes(scopes) });
  const [bytes, there, linkRate] = await Promise.all([
    tools.movers.estimate(
      source,
      volumes.map((volume) => volume.source),
    ),
    olderCopyBytes(tools, target, next),
    slowerLink(source, target),
  ]);
  return {
    bytes,
    volumes: volumes.length,
    there: Math.min(bytes, there),
    target: target.name,
    ...(linkRate === undefined ? {} : { linkRate }),
    ...(next.maxBandwidth === undefined ? {} : { maxBandwidth: next.maxBandwidth }),
  };
}

async function olderCopyBytes(
  tools: ReplicaTools,
  target: Host,
  replica: PlacedReplica,
): Promise<number> {
  const states = await Promise.all(
    copiedVolumes(replica).map((name) => target.docker.volume(name)),
  );
  const paths = states.flatMap((state) => (state === undefined ? [] : [state.mountpoint]));
  return paths.length === 0 ? 0 : tools.movers.estimate(target, paths);
}

/**
 * Bytes per second of the slower of both hosts' links to one another; undefined where neither
 * knows.
 */
async function slowerLink(source: Host, target: Host): Promise<number | undefined> {
  const speeds = await Promise.all([
    linkSpeed(source, target.connection.host),
    linkSpeed(target, source.connection.host),
  ]);
  const known = speeds.filter((speed) => speed !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

async function linkSpeed(host: Host, towards: string): Promise<number | undefined> {
  const { stdout } = await host.shell.script(LINK_SPEED, [towards], { timeoutSeconds: 5 });
  const megabits = Number(stdout.trim() === "" ? NaN : stdout.trim());
  return megabits > 0 ? Math.min((megabits * 1e6) / 8, 10 * ASSUMED_RATE) : undefined;
}
