import type { Host } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import { hostProgram } from "../../on-host/load";

const PUT = hostProgram("docker/followers-put.sh");
/** Kept by hosts as it is. */
const PROGRAM = hostProgram("docker/followers.sh");

const UNIT = `# Written by pulumi-ferry.
[Unit]
Description=Start containers again whose namespaces are those of another one
After=docker.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/lib/pulumi-ferry/followers
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

/**
 * Has the host start containers again that are in another one's namespaces, when that one has been
 * started again by its daemon. The host ends that by itself with the last of them.
 */
export async function seeToFollowers({ name, shell }: Host): Promise<void> {
  const { exitCode, stdout, stderr } = await shell.script(PUT, [PROGRAM, UNIT], { root: true });
  if (exitCode === 0 && stdout.trim() === "there") return;
  const noSystemd = stdout.trim() === "no-systemd";
  throw new FerryError({
    kind: noSystemd ? "settings" : "trouble",
    what: "seeing to containers in another one's namespaces",
    host: name,
    reason: noSystemd
      ? `host '${name}' has no systemd, so that nothing starts them again after that one`
      : `it failed on host '${name}': ${stderr.trim() || `exit code ${exitCode}`}`,
    ...(noSystemd
      ? { advice: "Give the service a network of its own, or a host with systemd" }
      : {}),
  });
}
