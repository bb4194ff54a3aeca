import { FerryError } from "../../core/errors";
import { formatDuration } from "../../core/move/format";
import type { Host } from "../../core/adapter-ports";
import type { Discovery } from "./discover";
import type { ReplicaTools } from "./replica-tools";

const LOOK_EVERY_MS = 500;
/** A cutover bounds every step of its own; this is far above what they come to. */
const LONGEST_MS = 15 * 60_000;

/**
 * What is found once no cutover works on the replica any more: one goes on by itself when the run
 * that began it is gone, and nothing may be decided over its head.
 */
export async function waitForCutovers(
  tools: Pick<ReplicaTools, "movers" | "clock" | "progress">,
  label: string,
  look: () => Promise<Discovery>,
): Promise<Discovery> {
  const { clock, progress, movers } = tools;
  const begun = clock.now();
  let reported = false;
  for (;;) {
    const discovery = await look();
    const busy = await busyHost(movers, discovery);
    if (busy === undefined) return discovery;
    const waited = clock.now() - begun;
    if (waited > LONGEST_MS) {
      throw new FerryError({
        ...{ kind: "trouble", replica: label, host: busy.name },
        reason:
          `${label}: a cutover that an earlier run began still goes on on host '${busy.name}' after ` +
          formatDuration(waited),
        advice: "Look at what it waits for there, and run again",
        touched: "nothing",
      });
    }
    if (!reported)
      progress.info(`${label}: waiting for the cutover of an earlier run on ${busy.name}`);
    reported = true;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/**
 * A cutover whose target does not answer goes on over there for as long as it hears its source. It
 * is ended before anything of the replica is started elsewhere. Resolves to whether there was one,
 * so that all is to be looked at once more.
 */
export async function endSevered(
  { movers, progress }: Pick<ReplicaTools, "movers" | "progress">,
  label: string,
  { findings, hosts, ids }: Discovery,
  check: (hosts: ReadonlySet<string>) => void,
): Promise<boolean> {
  for (const [name, journal] of Object.entries(findings.journals)) {
    const source = hosts.get(name);
    if (journal.role !== "source" || source === undefined) continue;
    if (journal.other === undefined || hosts.has(journal.other)) continue;
    check(new Set([name]));
    const ended = await Promise.all(ids.map(async (id) => movers.endCutover(source, id)));
    if (!ended.includes("ended")) continue;
    progress.info(
      `${label}: ended a cutover that went on between ${name} and ${journal.other}, which does not answer`,
    );
    return true;
  }
  return false;
}

/**
 * The target holds it to the end, the source while it stops or starts something, even when the
 * target is gone.
 */
async function busyHost(
  movers: ReplicaTools["movers"],
  { findings, hosts, ids }: Discovery,
): Promise<Host | undefined> {
  for (const [name, { role }] of Object.entries(findings.journals)) {
    const host = hosts.get(name);
    if ((role !== "target" && role !== "source") || host === undefined) continue;
    const status = await Promise.all(ids.map(async (id) => movers.cutoverStatus(host, id)));
    if (status.includes("running")) return host;
  }
  return undefined;
}
