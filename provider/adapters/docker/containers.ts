import { setTimeout as sleep } from "timers/promises";
import type Dockerode from "dockerode";
import type { Container } from "dockerode";
import type { RestartPolicy } from "../../core/container-spec";
import type { ContainerRequest, ContainerState, Docker } from "../../core/adapter-ports";
import { containerState } from "./container-state";
import { createBody, restartPolicy } from "./create-body";
import type { CallOptions, Engine, Work } from "./engine";
import { dockerMessage, statusOf } from "./failures";
import { nameInUrl } from "./names-in-url";
import { demultiplex } from "./output";

/** Beyond a container's own stop timeout: Docker kills it then and still has to tidy up. */
const STOP_MARGIN_SECONDS = 30;
/**
 * The network's proxy holds the start back until the address is there. More than the two minutes
 * that Docker gives a volume driver, so that it is Docker which says why.
 */
const START_SECONDS = 150;
const REMOVAL_TRIES = 3;
const REMOVAL_POLLS = 50;
const REMOVAL_POLL_MILLISECONDS = 200;

const NOT_MODIFIED = 304;
const NOT_FOUND = 404;
const CONFLICT = 409;

/** The part of the Docker port that is about containers. */
export type ContainerMethods =
  | "container"
  | "containers"
  | "create"
  | "start"
  | "stop"
  | "kill"
  | "remove"
  | "rename"
  | "setRestartPolicy"
  | "logs";

export function containerMethods(engine: Engine): Pick<Docker, ContainerMethods> {
  const handle = (docker: Dockerode, id: string): Container =>
    docker.getContainer(nameInUrl("container", id));

  /** A request to which one of these answers means that there is nothing to do. */
  const calmly = async <T>(
    what: string,
    work: Work<T>,
    statuses: readonly number[],
    options: CallOptions = {},
  ): Promise<T | undefined> =>
    engine.call(
      what,
      (docker, signal) =>
        work(docker, signal).catch((error: unknown) => {
          if (statuses.includes(statusOf(error) ?? 0)) return undefined;
          throw error;
        }),
      options,
    );

  const inspect = async (id: string) => {
    const work = (docker: Dockerode, abortSignal: AbortSignal) =>
      handle(docker, id).inspect({ abortSignal });
    return calmly(`inspecting container '${id}'`, work, [NOT_FOUND]);
  };

  const container = async (id: string): Promise<ContainerState | undefined> => {
    const info = await inspect(id);
    return info && containerState(info);
  };

  return {
    container,

    async containers(labels) {
      const filters = { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
      const list = await engine.call("listing containers", (docker, abortSignal) =>
        docker.listContainers({ all: true, filters, abortSignal }),
      );
      // One that goes away in between is as good as not listed.
      const states = await Promise.all(list.map(({ Id }) => container(Id)));
      return states.filter((state) => state !== undefined);
    },

    async create(request: ContainerRequest): Promise<string> {
      const what = `creating container '${request.name}'`;
      const proxied = request.overlayAddresses.length > 0;
      const ask = (docker: Dockerode) => docker.version();
      const isApart = request.spec.dockerBridge !== undefined;
      const version = isApart ? await engine.call("asking Docker's version", ask) : undefined;
      const options = {
        // Given as `_body` it goes into the body alone; dockerode would put it into the URL as
        // well.
        _query: { name: nameInUrl("container", request.name) },
        _body: createBody(request, version?.ApiVersion),
      };
      const secrets = Object.values(request.environment);
      const made = await engine.call(
        what,
        (docker, abortSignal) => docker.createContainer({ ...options, abortSignal }),
        { secrets, proxied },
      );
      return made.id;
    },

    async start(id, { proxied }) {
      const start = (docker: Dockerode, abortSignal: AbortSignal) =>
        handle(docker, id).start({ abortSignal });
      const options = { seconds: START_SECONDS, proxied };
      await calmly(`starting container '${id}'`, start, [NOT_MODIFIED], options);
    },

    async stop(id, timeoutSeconds) {
      const t = Math.ceil(timeoutSeconds);
      const stop = (docker: Dockerode, abortSignal: AbortSignal) =>
        handle(docker, id).stop({ t, abortSignal });
      const seconds = timeoutSeconds + STOP_MARGIN_SECONDS;
      await calmly(`stopping container '${id}'`, stop, [NOT_MODIFIED, NOT_FOUND], { seconds });
    },

    async kill(id, signal) {
      const kill = async (docker: Dockerode, abortSignal: AbortSignal) => {
        try {
          await handle(docker, id).kill({ signal, abortSignal });
        } catch (error) {
          if (!/is not running/.test(dockerMessage(error))) throw error;
        }
      };
      await calmly(`sending ${signal} to container '${id}'`, kill, [NOT_FOUND]);
    },

    async remove(id) {
      const remove = async (docker: Dockerode, abortSignal: AbortSignal) => {
        for (let tries = 1; ; tries++) {
          try {
            await handle(docker, id).remove({ force: true, abortSignal });
            return;
          } catch (error) {
            // Docker trips over a file that it has just written itself about a container that ends.
            const trips = /unable to remove filesystem/.test(dockerMessage(error));
            if (!trips || tries === REMOVAL_TRIES) throw error;
            await sleep(REMOVAL_POLL_MILLISECONDS);
          }
        }
      };
      const options = { seconds: START_SECONDS };
      await calmly(`removing container '${id}'`, remove, [NOT_FOUND, CONFLICT], options);
      // A conflict is a removal that is already under way.
      for (let poll = 0; poll < REMOVAL_POLLS; poll++) {
        if (!(await inspect(id))) return;
        await sleep(REMOVAL_POLL_MILLISECONDS);
      }
      throw engine.fail(`removing container '${id}'`, new Error("Docker does not get it done"));
    },

    async rename(id, name) {
      await engine.call(`renaming container '${id}' to '${name}'`, (docker, abortSignal) =>
        ignored(handle(docker, id).rename({ name: nameInUrl("container", name), abortSignal })),
      );
    },

    async setRestartPolicy(id, policy: RestartPolicy) {
      const update = (docker: Dockerode, abortSignal: AbortSignal) =>
        ignored(handle(docker, id).update({ RestartPolicy: restartPolicy(policy), abortSignal }));
      await calmly(`setting the restart policy of container '${id}'`, update, [NOT_FOUND]);
    },

    async logs(id, lines) {
      const info = await inspect(id);
      if (!info) return "";
      const read = (docker: Dockerode, abortSignal: AbortSignal) =>
        handle(docker, id).logs({
          stdout: true,
          stderr: true,
          tail: lines,
          follow: false,
          abortSignal,
        });
      const raw: unknown = await calmly(`reading what container '${id}' wrote`, read, [NOT_FOUND]);
      // docker-modem parses whatever happens to be JSON.
      const bytes = Buffer.isBuffer(raw) ? raw : Buffer.from(JSON.stringify(raw ?? ""));
      return demultiplex(bytes, info.Config.Tty || !Buffer.isBuffer(raw)).both;
    },
  };
}

/** Answers that the types leave as `any` and that say nothing. */
function ignored(answer: Promise<unknown>): Promise<unknown> {
  return answer;
}
