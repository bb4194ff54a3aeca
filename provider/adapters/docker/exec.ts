import type { Readable } from "stream";
import type { CommandResult, Docker } from "../../core/adapter-ports";
import type { ContainerCommand } from "../../core/container-spec";
import { describeCommand } from "../ssh/quote";
import type { Engine, Work } from "./engine";
import { nameInUrl } from "./names-in-url";
import { demultiplex, readAll } from "./output";

/**
 * `docker exec`. Docker has no way to end an exec, so one that passes its deadline may go on inside
 * the container; the error says that its outcome is unknown.
 */
export function execMethod(engine: Engine): Pick<Docker, "exec"> {
  return {
    exec(id, argv, timeoutSeconds, as = {}): Promise<CommandResult> {
      const what = `running \`${describeCommand(argv)}\` in container '${id}'`;
      const work: Work<CommandResult> = async (docker, abortSignal) => {
        const exec = await docker.getContainer(nameInUrl("container", id)).exec({
          Cmd: [...argv],
          ...fieldsOf(as),
          AttachStdout: true,
          AttachStderr: true,
          abortSignal,
        });
        const stream: Readable = await exec.start({ Detach: false, Tty: false, abortSignal });
        const { stdout, stderr } = demultiplex(await readAll(stream), false);
        const { ExitCode } = await exec.inspect({ abortSignal });
        return { exitCode: ExitCode ?? 0, stdout, stderr };
      };
      const secrets = Object.values(as.environment ?? {});
      return engine.call(what, work, { seconds: timeoutSeconds, secrets });
    },
  };
}

function fieldsOf({ user, privileged, workingDir, environment }: Omit<ContainerCommand, "argv">) {
  const Env = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    ...(user === undefined ? {} : { User: user }),
    ...(privileged === undefined ? {} : { Privileged: privileged }),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    ...(Env.length === 0 ? {} : { Env }),
  };
}
