import type { Lab } from "./identity";
import { thisLab } from "./identity";
import { mustRun } from "./ssh";

/** What is on a host that somebody may have left there; two that are equal mean that nothing was. */
export interface HostSnapshot {
  containers: string[];
  volumes: string[];
  networks: string[];
  images: string[];
  links: string[];
  ferryFiles: string[];
  authorizedKeys: string[];
  iptables: string[];
}

const questions: Record<keyof HostSnapshot, string> = {
  containers: "docker ps -a --format '{{.Names}}'",
  volumes: "docker volume ls --format '{{.Name}}'",
  networks: "docker network ls --format '{{.Name}} {{.Driver}}'",
  images: "docker images --format '{{.Repository}}:{{.Tag}}'",
  links: "ls /sys/class/net",
  ferryFiles: "find /var/lib/ferry -mindepth 1 2>/dev/null",
  authorizedKeys: "cat /root/.ssh/authorized_keys /home/ferry/.ssh/authorized_keys",
  iptables: "iptables-save | grep '^-A'",
};

/** What `up` itself puts on every host. */
const ownImage = /^(weaveworks\/|ferry-demo\/)/;
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
    iptables: part("iptables"),
  };
}
