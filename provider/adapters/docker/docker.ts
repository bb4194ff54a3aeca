import type { DockerVersion } from "dockerode";
import type { Docker, DockerInfo } from "../../core/ports";
import type { SshConnection } from "../ssh/connection";
import type { Endpoint } from "../ssh/failures";
import { containerMethods } from "./containers";
import { Engine, type Work } from "./engine";
import { execMethod } from "./exec";
import { imageMethods } from "./images";
import { volumeMethods } from "./volumes";

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
      return {
        id: info.ID ?? "",
        version: version.Version,
        apiVersion: version.ApiVersion,
        // In the words that images use, "amd64"; `info` has the kernel's, "x86_64".
        architecture: version.Arch,
        operatingSystem: info.OperatingSystem,
        rootDirectory: info.DockerRootDir,
      };
    },
    ...containerMethods(engine),
    ...execMethod(engine),
    ...imageMethods(engine),
    ...volumeMethods(engine),
  };
}

interface SystemInfo {
  readonly ID?: string;
  readonly OperatingSystem: string;
  readonly DockerRootDir: string;
}
