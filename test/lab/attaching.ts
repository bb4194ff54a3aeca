import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedFolder, type Lab } from "../../lab";

const PLUGIN = "attach_plugin.py";
const THERE = "/opt/ferry-lab-shared";

/** What the hosts' Docker calls the driver: the name of its socket. */
export const DRIVER = "ferry-attach";

/** Hosts of a lab's own. */
export interface PluginHosts {
  readonly lab: Lab;
  readonly names: readonly string[];
  run(host: string, command: string): Promise<string>;
}

/** The volume plugin on every host of a lab, whose volumes one host has at a time. */
export class Attaching {
  /**
   * @param driver what the hosts' Docker calls it
   * @param controlled attaches what Flocker's agents have on its host
   */
  constructor(
    private readonly lab: PluginHosts,
    private readonly driver = DRIVER,
    private readonly controlled = false,
  ) {}

  async install(): Promise<void> {
    copyFileSync(join(__dirname, "plugin", PLUGIN), join(sharedFolder(this.lab.lab), PLUGIN));
    await Promise.all(this.lab.names.map((host) => this.start(host)));
  }

  async start(host: string): Promise<void> {
    const { driver, socket } = this;
    const how = this.controlled ? " controlled" : "";
    // Docker's daemon sees what the driver mounts: both are in the host's own namespace.
    await this.lab.run(
      host,
      `systemd-run --quiet --unit ${driver} python3 ${THERE}/${PLUGIN} ${THERE} ${host} ${socket}${how} && ` +
        `for i in $(seq 50); do [ -S ${socket} ] && exit 0; sleep 0.1; done; exit 1`,
    );
  }

  async stop(host: string): Promise<void> {
    await this.lab.run(host, `systemctl stop ${this.driver}; rm -f ${this.socket}`);
  }

  private get socket(): string {
    return `/run/docker/plugins/${this.driver}.sock`;
  }

  /** What the driver has done, in order. */
  get log(): string[] {
    const path = join(sharedFolder(this.lab.lab), "log");
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  }

  /** How often a volume was pulled from a host that had it. */
  get taken(): string[] {
    return this.log.filter((line) => line.startsWith("taken "));
  }

  /** How often a controlled one had to ask for what nobody had moved for it. */
  get asked(): string[] {
    return this.log.filter((line) => line.startsWith("asked "));
  }

  /** The host that has it, if any. */
  holder(volume: string): string {
    const path = join(sharedFolder(this.lab.lab), "volumes", volume, "holder");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  mountsOn(host: string): Promise<string> {
    return this.lab.run(host, "grep -c /run/ferry-attach /proc/1/mountinfo; exit 0");
  }
}
