import { BARRIER_MOUNTPOINT, BARRIER_VOLUME } from "../../core/move/start-barrier";
import type {
  ArmedCutover,
  CopyRoute,
  CutoverOutcome,
  CutoverPlan,
  CutoverStep,
} from "../../core/move/move-ports";
import type { StartBarrier, Host } from "../../core/adapter-ports";
import type { RestartPolicy } from "../../core/container-spec";
import { onHost } from "./fake-host";
import { textAt, writeText } from "./fake-journals";
import type { FakeContainer, FakeHost } from "./fake-state";
import type { FakeWorld } from "./fake-world";

/** What stands before a container's program on a fake host. */
export const FAKE_BARRIER: StartBarrier = {
  volume: BARRIER_VOLUME,
  mountpoint: BARRIER_MOUNTPOINT,
  entrypoint: [`${BARRIER_MOUNTPOINT}/sh`, "-c", ":"],
};

class StepFailed extends Error {
  constructor(
    readonly step: CutoverStep,
    message: string,
    readonly revoked = false,
  ) {
    super(message);
  }
}

/**
 * The cutover of one command, step by step as the real one: journals before steps, each of the
 * source's taking the place of the one before it or of none, and back to the source when anything
 * fails before commit. `copy` makes the copies equal.
 */
export function fakeCutover(
  world: FakeWorld,
  { source, target }: CopyRoute,
  plan: CutoverPlan,
  copy: () => Promise<{ bytesCopied: number; filesChanged: number }>,
): ArmedCutover {
  const on = <T>(host: Host, call: string, work: (fake: FakeHost) => T): Promise<T> =>
    onHost(world, { name: host.name, settings: host.connection }, `cutover.${call}`, work);
  const { journals } = plan;
  const { path } = journals;
  const replace = (step: CutoverStep, from: readonly string[], to: string) =>
    on(source, `journal ${step}`, (fake) => {
      if (!from.includes(textAt(fake, path) ?? "")) {
        throw new StepFailed(step, "the move was taken back meanwhile", true);
      }
      writeText(fake, path, to);
    });
  const note = (text: string) =>
    on(target, "journal", (fake) => {
      writeText(fake, path, text);
    });
  const inContainer = (host: Host, id: string, call: string, work: (of: FakeContainer) => void) =>
    on(host, call, ({ containers }) => {
      const found = containers.find((each) => each.id === id);
      if (found) work(found);
    });
  const policy = (restart: RestartPolicy) =>
    inContainer(source, plan.source.containerId, "policy", (of) => (of.restart = restart));

  const forward = async () => {
    await replace("fence", [journals.source.before], journals.source.fenced);
    await policy({ name: "no" });
    await replace("stop", [journals.source.fenced], journals.source.stopped);
    await inContainer(source, plan.source.containerId, "stop", stop);
    await note(journals.target.delta);
    const copied = await copy();
    await note(journals.target.compared);
    await note(journals.target.starting);
    await on(target, "open barrier", (fake) => {
      const made = fake.containers.find(({ id }) => id === plan.target.containerId);
      if (made) start(world, fake, made, true);
      if (made?.status !== "running") throw new StepFailed("start", ended(made));
    });
    await replace("commit", [journals.source.stopped], journals.source.committed);
    await inContainer(target, plan.target.containerId, "open inbound", (of) => {
      delete of.inboundBlocked;
    });
    await note(journals.target.home);
    return copied;
  };

  const back = async () => {
    await note(journals.target.rejected);
    await inContainer(target, plan.target.containerId, "kill", stop);
  };
  const backAtSource = async () => {
    const { fenced, stopped, home } = journals.source;
    const begun = await on(source, "look", (fake) => textAt(fake, path));
    if (begun !== fenced && begun !== stopped) return;
    await replace("fence", [fenced, stopped], home);
    await on(source, "start again", (fake) => {
      const old = fake.containers.find(({ id }) => id === plan.source.containerId);
      if (old && old.status !== "running") start(world, fake, old, false);
    });
    await policy(plan.source.restart);
  };

  const figures = { durationMs: 1, downtimeMs: 1, steps: {} };
  return {
    async run(): Promise<CutoverOutcome> {
      try {
        return { kind: "committed", ...(await forward()), ...figures };
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        await back();
        if (!error.revoked) await backAtSource();
        const { step, message: reason, revoked } = error;
        const nothing = { bytesCopied: 0, filesChanged: 0, ...figures };
        return { kind: "failed", step, reason, takenBack: !revoked, ...nothing };
      }
    },
    disarm: () => on(source, "disarm", () => undefined),
  };
}

function stop(container: FakeContainer): void {
  if (container.status === "running") Object.assign(container, { status: "exited", exitCode: 143 });
  delete container.inboundBlocked;
}

function start(
  world: FakeWorld,
  host: FakeHost,
  container: FakeContainer,
  inboundBlock: boolean,
): void {
  Object.assign(container, {
    status: "running",
    exitCode: 0,
    proxied: true,
    startedAt: new Date().toISOString(),
    ...(inboundBlock ? { inboundBlocked: true } : {}),
  });
  const { entrypoint = [], command = [] } = container.request.spec;
  const program = world.commands.get([...entrypoint, ...command][0] ?? "");
  if (program === undefined) return;
  const argv = [...entrypoint, ...command];
  const result = program({ host, container, argv, stdin: Buffer.alloc(0), root: true });
  container.log += (result.stdout ?? "") + (result.stderr ?? "");
  stop(container);
  container.exitCode = result.exitCode ?? 0;
}

function ended(container: FakeContainer | undefined): string {
  if (container === undefined) return "its container is gone";
  return `container '${container.name}' ended at once with exit code ${container.exitCode}`;
}
