import { join } from "node:path";

import * as lab from "../../../lab";
import { exec } from "../../../lab/exec";
import { hostNamed, type Host } from "../../../lab/identity";
import { initOf } from "../../../lab/processes";
import { OwnLab } from "../own-lab";

export const pause = (milliseconds: number) =>
  new Promise<void>((done) => setTimeout(done, milliseconds));

/**
 * Asks again until the answer holds; what it last heard is in the error when that takes too long.
 */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T> | T,
  holds: (answer: T) => boolean = Boolean,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(`Not within ${seconds} s: ${what}; last heard: ${JSON.stringify(answer)}`);
    }
    await pause(200);
  }
}

/** What a test program's `hosts` has for one host; the key goes apart, as a secret. */
export type HostConfig = Omit<lab.LabConnection, "privateKey">;

/** Real hosts of a test file's own, with nothing on them yet. */
export class MeshLab {
  readonly names: readonly string[];
  readonly #own: OwnLab;
  readonly #fresh = new Map<string, lab.HostSnapshot>();
  #connections: Record<string, lab.LabConnection> = {};
  #projects = 0;

  /** @param kinds as OwnLab takes them */
  constructor(
    purpose: string,
    count: number,
    private readonly kinds: readonly string[] = [],
  ) {
    this.#own = new OwnLab(purpose);
    this.names = Array.from({ length: count }, (_, i) => `node${i + 1}`);
  }

  get lab(): lab.Lab {
    return this.#own.lab;
  }

  /** By which a test's helpers find these hosts. */
  get environment(): NodeJS.ProcessEnv {
    return this.#own.environment;
  }

  async up(): Promise<void> {
    await this.#own.up(this.names.length, this.kinds);
    this.#connections = lab.labConnections(this.lab);
    await this.takeSnapshots();
  }

  /**
   * What helpers take for the lab that are not told of one, such as the demo's, is this one; until
   * the function that is returned is called.
   */
  beTheLab(): () => void {
    const wanted = this.#own.environment;
    const names = ["FERRY_LAB_HOME", "FERRY_LAB_ID"];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = wanted[name];
    return () => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    };
  }

  /** What every host is compared with from now on. */
  async takeSnapshots(): Promise<void> {
    await Promise.all(
      this.names.map(async (name) => this.#fresh.set(name, await lab.snapshot(name, this.lab))),
    );
  }

  down(): Promise<void> {
    return this.#own.down();
  }

  host(name: string): Host {
    const host = hostNamed(this.lab, name);
    if (host === undefined) throw new Error(`${name} is no host`);
    return host;
  }

  address(name: string): string {
    return this.host(name).ip;
  }

  /** A command of the test's own on a host, beside the library. */
  run(name: string, command: readonly string[] | string): Promise<string> {
    return lab.mustRun(name, command, this.lab);
  }

  tryRun(name: string, command: readonly string[] | string, timeoutMs = 60_000) {
    return lab.run(name, command, { timeoutMs }, this.lab);
  }

  /** A script of the test's own that reads `input`. */
  async runWithInput(name: string, script: string, input: string): Promise<void> {
    const { code, stderr } = await lab.run(name, script, { input }, this.lab);
    if (code !== 0) throw new Error(`on ${name}: ${stderr}`);
  }

  /**
   * A program in the host's network, but outside the host: neither its sshd nor its disk is needed.
   */
  inNetworkOf(name: string, argv: readonly string[], timeoutMs = 10_000) {
    const namespace = `--net=/run/netns/${this.host(name).machine}`;
    return exec(["nsenter", namespace, ...argv], { timeoutMs });
  }

  /**
   * The path, out here, of a file on the host's disk. Not for folders that the host keeps in memory
   * (/run).
   */
  onDisk(name: string, path: string): string {
    return join(this.host(name).dir, "root", path);
  }

  /** Shuts a host down in order, so that its peers see its connections end. */
  async powerOff(name: string): Promise<void> {
    await this.tryRun(name, ["systemctl", "poweroff"], 10_000);
    const { machine } = this.host(name);
    await until(`${name} is off`, 60, () => initOf(machine) === undefined);
    // The supervisor's own part, and whatever is left of the host out here.
    await lab.crash(name, this.lab);
  }

  crash = (name: string) => lab.crash(name, this.lab);
  /** What has to be done on hosts that were started, and got the lab's own files anew. */
  whenStarted: () => Promise<void> = () => Promise.resolve();
  start = async (name: string) => {
    await lab.start(name, this.lab);
    await this.whenStarted();
  };
  reboot = (name: string) => lab.reboot(name, this.lab);

  /** A Pulumi project with a copy of the program, whose `hosts` and secrets are set. */
  async project(
    program: string,
    hosts: readonly string[],
    { password, environment }: { password?: string; environment?: NodeJS.ProcessEnv } = {},
  ): Promise<lab.PulumiProject> {
    const folder = join(this.#own.home, `project-${++this.#projects}`);
    const project = await lab.PulumiProject.create(program, folder, environment);
    const { privateKey } = Object.values(this.#connections)[0]!;
    await project.setConfig("privateKey", privateKey, { secret: true });
    if (password !== undefined)
      await project.setConfig("weavePassword", password, { secret: true });
    await this.setHosts(project, hosts);
    return project;
  }

  setHosts(
    project: lab.PulumiProject,
    hosts: readonly string[],
    more: (name: string) => object = () => ({}),
  ): Promise<void> {
    const config = Object.fromEntries(
      hosts.map((name) => {
        const { host, port, user, hostKey } = this.#connections[name]!;
        return [name, { host, port, user, hostKey, ...more(name) }];
      }),
    );
    return project.setConfig("hosts", JSON.stringify(config));
  }

  connection(name: string): lab.LabConnection {
    return this.#connections[name]!;
  }

  /** Nothing is on the hosts that was not there when they came up. */
  async expectAsFresh(names: readonly string[] = this.names): Promise<void> {
    const now = await Promise.all(names.map((name) => lab.snapshot(name, this.lab)));
    for (const [i, name] of names.entries()) {
      expect({ name, ...now[i] }).toEqual({ name, ...this.#fresh.get(name) });
    }
  }

  /** For a failed test's sake: the next one begins on hosts without a network. */
  async clear(names: readonly string[] = this.names): Promise<void> {
    const script =
      "docker rm -f prober box >/dev/null 2>&1; systemctl disable --now pulumi-ferry-weave.service >/dev/null 2>&1; " +
      "weave reset --force >/dev/null 2>&1; rm -rf /root/pings; true";
    await Promise.all(names.map((name) => this.tryRun(name, script)));
  }
}
