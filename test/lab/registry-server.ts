import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { must } from "../../lab/exec";
import { dockerRegistry } from "../../lab/setup/registry";
import { ensure } from "../../lab/setup/step";
import { until, type MeshLab } from "./weave/mesh-lab";

export interface RegistryServer {
  /** What names of its images begin with. */
  readonly address: string;
  stop(): void;
}

/**
 * A real registry beside the lab's hosts, which wants a login. Hosts take it without TLS from now on.
 */
export async function startRegistry(
  hosts: MeshLab,
  folder: string,
  { username, password }: { username: string; password: string },
): Promise<RegistryServer> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const made = await ensure(dockerRegistry, { index: 1, count: 1 }, say);
  const address = `${hosts.lab.network}.254:5000`;
  mkdirSync(folder, { recursive: true });
  const hashed = await must([
    "perl",
    "-e",
    "print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))",
    password,
  ]);
  writeFileSync(join(folder, "htpasswd"), `${username}:${hashed}\n`);
  const config = {
    version: 0.1,
    log: { accesslog: { disabled: true }, level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: address },
    auth: { htpasswd: { realm: "lab", path: join(folder, "htpasswd") } },
  };
  // JSON is YAML.
  writeFileSync(join(folder, "config.yml"), JSON.stringify(config));
  const program = join(made, "root/usr/bin/docker-registry");
  const child = spawn(program, ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  await until("the registry answers", 30, () =>
    fetch(`http://${address}/v2/`).then(
      ({ status }) => status === 401,
      () => false,
    ),
  );
  for (const host of hosts.names) await trust(hosts, host, address);
  return { address, stop: () => void child.kill() };
}

/**
 * Docker 20.10's BuildKit reads this when the daemon starts and never again, and speaks plain HTTP only
 * to what has a scheme here; its own pull, and all of later versions, look at the name alone.
 */
async function trust(hosts: MeshLab, host: string, address: string): Promise<void> {
  const path = "/etc/docker/daemon.json";
  const said = JSON.parse(await hosts.run(host, ["cat", path])) as object;
  const config = JSON.stringify({ ...said, "insecure-registries": [`http://${address}`] });
  await hosts.runWithInput(host, `cat >${path} && systemctl restart docker`, config);
  await until(`${host} trusts it`, 30, async () =>
    (await hosts.run(host, "docker info || :")).includes(address),
  );
}
