import type { Docker, DockerInfo } from "../../core/adapter-ports";
import type { SshConnection } from "../ssh/connection";
import type { Endpoint } from "../ssh/failures";
import { containerMethods } from "./containers";
import { Engine, type Work } from "./engine";
import { execMethod } from "./exec";
import { imageMethods } from "./images";
import { dockerInfo, type DockerVersion, type SystemInfo } from "./info";
import { limitMethods } from "./limits";
import { volumeMethods } from "./volume-methods";

/** The Docker port: the API of the host's own Docker, over a channel to its socket. */
export function sshDocker(connection: SshConnection, endpoint: () => Endpoint): Docker {
  const engine = new Engine(connection, endpoint);
  return {
    async info(): Promise<DockerInfo> {
      const ask: Work<[DockerVersion, SystemInfo]> = async (docker) => [
        await docker.version(),
        await (docker.info() as Promise<SystemInfo>),
      ];
      const [version, info] = await engine.call("asking Docker about itself", ask);
      return dockerInfo(version, info);
    },
    ...containerMethods(engine),
    ...execMethod(engine),
    ...limitMethods(engine),
    ...imageMethods(engine),
    ...volumeMethods(engine),
  };
}
