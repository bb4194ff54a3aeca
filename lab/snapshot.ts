import type { Lab } from "./identity";
import { thisLab } from "./identity";
import { mustRun } from "./ssh";

/**
 * What is on a host that somebody may have left there; two that are equal mean that nothing was.
 */
export interface HostSnapshot {
  containers: string[];
  volumes: string[];
  networks: string[];
  images: string[];
  links: string[];
  ferryFiles: string[];
  authorizedKeys: string[];
  /** Everything in the folders where a machine's settings and programs of its own lie. */
  settings: string[];
  /**
   * Units that systemd knows of, with their state; those that come and go with timers and mounts
   * left out.
   */
  units: string[];
  /** Rules, chains that somebody made, and policies that are not ACCEPT. Asking makes a table. */
  iptables: string[];
  ipsets: string[];
  rules: string[];
}

const questions: Record<keyof HostSnapshot, string> = {
  containers: "docker ps -a --format '{{.Names}}'",
  volumes: "docker volume ls --format '{{.Name}}'",
  networks: "docker network ls --format '{{.Name}} {{.Driver}}'",
  images: "docker images --format '{{.Repository}}:{{.Tag}}'",
  links: "ls /sys/class/net",
  ferryFiles: "find /var/lib/ferry -mindepth 1 2>/dev/null",
  authorizedKeys: "cat /root/.ssh/authorized_keys /home/ferry/.ssh/authorized_keys",
  settings:
    "find /etc /opt /root /srv /home /usr/local /var/spool/cron /var/lib/weave /run/ferry* /run/weave /run/systemd/system " +
    "-xdev ! -name '*.cache' ! -name '.bash_history' ! -name '.sudo_as_admin_successful' 2>/dev/null",
  units:
    "systemctl list-units --all --plain --no-legend --type=service,timer,path,socket | awk '/ferry|weave/ {print $1, $3, $4}'",
  // Each with its table; counters apart.
  iptables: String.raw`iptables-save | awk '/^\*/ { table = substr($1, 2); next } /^:/ && $2 != "ACCEPT" || /^-A/ { if (/^:/) NF = 2; print table, $0 }'`,
  ipsets: "ipset list -n 2>/dev/null",
  rules: "ip rule",
};

/** What `up` itself puts on every host. */
const ownImage = /^((weaveworks|rajchaudhuri|ferry-demo)\/|(redis:7|busybox:1)$)/;
const marker = "=== ferry lab";

export async function snapshot(name: string, lab: Lab = thisLab()): Promise<HostSnapshot> {
  const script = Object.entries(questions)
    .map(([part, command]) => `echo '${marker} ${part}'; ${command}`)
    .join("\n");
  return parseSnapshot(await mustRun(name, `${script}\ntrue`, lab));
}

export function parseSnapshot(text: string): HostSnapshot {
  const parts = new Map(
    text.split(`${marker} `).map((part): [string, string[]] => {
      const [title = "", ...lines] = part.split("\n");
      return [title, lines.filter((line) => line !== "").sort()];
    }),
  );
  const part = (title: keyof HostSnapshot): string[] => parts.get(title) ?? [];
  return {
    containers: part("containers"),
    volumes: part("volumes"),
    networks: part("networks"),
    images: part("images").filter((image) => !ownImage.test(image)),
    links: part("links"),
    ferryFiles: part("ferryFiles"),
    authorizedKeys: part("authorizedKeys"),
    settings: part("settings"),
    units: part("units"),
    iptables: part("iptables"),
    ipsets: part("ipsets"),
    rules: part("rules"),
  };
}
