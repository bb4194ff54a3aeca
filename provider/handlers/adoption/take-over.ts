import type { ContainerState } from "../../core/adapter-ports";
import { keptName } from "../../core/adoption/request";
import { replicaId } from "../../core/identity";
import type { JournalEntry } from "../../core/move/journal";
import { copiedVolumes } from "../../core/replica/following-volumes";
import { containerRequest, runFrom } from "../../core/replica/request";
import { keepingUnnamedVolumes, theirUnnamedVolumes } from "../../core/replica/unnamed-volumes";
import { done, takeBack, type Adopting } from "../replica/adoption";
import { isRunning } from "../replica/discover";
import {
  faultOf,
  imageFor,
  seeToFollowers,
  type InPlaceJob,
  type Running,
} from "../replica/in-place";
import { carryFiles } from "../replica/files";
import { sentence, TakenBack } from "../replica/outcome";
import { ensureVolumes } from "../replica/replica-volumes";
import { detachAndStart, stopForGood, stopTimeout } from "../replica/start";
import type { ReplicaTools } from "../replica/replica-tools";

/**
 * Puts the replica's first container in the place of one that somebody else has made, on the same
 * host and with the same data, in one stop. The journal says so before anything is done to the old
 * one, so that whoever comes after a run that was killed brings it back; it goes on as before when
 * the new one does not run. `before` is what the journal says until then, and again after that.
 */
export async function adoptContainer(
  tools: ReplicaTools,
  job: InPlaceJob,
  old: ContainerState,
  before: JournalEntry | undefined,
): Promise<Running> {
  const { label, replica, host } = job;
  // All that takes time comes before the stop. The image that it ran means the same as it did.
  const ran =
    old.image === replica.spec.image ? { imageId: old.imageId, host: host.name } : undefined;
  const { image, from } = await imageFor(tools, { ...job, ...(ran && { ran }) });
  await ensureVolumes(tools, job);
  await carryFiles(tools, replica, host);
  const entry = noteOf(tools, job, old, before);
  const request = keepingUnnamedVolumes(
    runFrom(containerRequest(replica, job.nextEpoch, job.origin), from),
    theirUnnamedVolumes(old),
  );
  job.check();
  await tools.journals.write(host, entry);
  try {
    job.check();
    await host.docker.setRestartPolicy(old.id, { name: "no" });
    job.check();
    await stopForGood(host, old.id, old.stopTimeoutSeconds ?? stopTimeout(replica));
    job.check();
    const kept = await freeName(host, old);
    if (kept !== old.name) await host.docker.rename(old.id, kept);
    job.check();
    const containerId = await host.docker.create(request);
    await seeToFollowers(tools, host, replica);
    job.check();
    await detachAndStart(tools, host, containerId, replica);
    job.check();
    await tools.journals.write(host, done(entry));
    return { containerId, imageId: image.id, epoch: job.nextEpoch };
  } catch (error) {
    job.check();
    const said = await takeBack(tools, host, replica, entry, job.check).then(
      () => `Container '${old.name}' is back as it was, with its data.`,
      (failure: unknown) =>
        `Bringing back container '${old.name}' was not finished: ${sentence(failure)} The next \`pulumi up\` does it.`,
    );
    const what = `taking over container '${old.name}' as ${label}`;
    throw new TakenBack(faultOf(what, job, error, said), { cause: error });
  }
}

function noteOf(
  tools: ReplicaTools,
  { replica, nextEpoch, origin }: InPlaceJob,
  old: ContainerState,
  before: JournalEntry | undefined,
): Adopting {
  return {
    version: 2,
    replica: replicaId(replica),
    role: "home",
    epoch: nextEpoch,
    volumes: copiedVolumes(replica),
    ...(origin === undefined ? {} : { origin }),
    owner: tools.owner,
    when: tools.date(),
    adopts: {
      container: old.id,
      name: old.name,
      restart: old.restart,
      running: isRunning(old),
      ...(before === undefined ? {} : { before }),
    },
  };
}

/** Two projects may have had one of that name, one after the other. */
async function freeName(host: InPlaceJob["host"], { id, name }: ContainerState): Promise<string> {
  const wanted = keptName(name);
  const there = await host.docker.container(wanted);
  return there === undefined || there.id === id ? wanted : `${wanted}-${id.slice(0, 12)}`;
}
