import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";

/** One lab: everything it makes on the machine carries names that are derived from `id`. */
export interface Lab {
  /** `fl` and six hex digits: also the name of the bridge, and the prefix of every other name. */
  id: string;
  bridge: string;
  /** First three numbers of the hosts' /24. */
  network: string;
  /** What the lab keeps: hosts' disks, keys, connections. */
  dir: string;
}

export interface Host {
  /** `node1`: its host name, and what people call it. */
  name: string;
  index: number;
  /** `fl1a2b3c-node1`: names its cgroups, network namespace and mount on the machine. */
  machine: string;
  /** The outer end of its cable; the kernel allows 15 characters. */
  cable: string;
  ip: string;
  dir: string;
}

/** The bridge's own address takes .254, so hosts take .1 to this. */
export const maxHosts = 99;

/**
 * A lab's names follow from where its checkout lies, so two checkouts never meet and `down` needs
 * no records.
 */
export function deriveLab(seed: string, home: string): Lab {
  const hash = createHash("sha256").update(seed).digest("hex");
  const id = `fl${hash.slice(0, 6)}`;
  const h = Number.parseInt(hash.slice(6, 12), 16);
  return {
    id,
    bridge: id,
    network: `10.${192 + (h % 64)}.${Math.floor(h / 64) % 256}`,
    dir: join(home, hash.slice(0, 6)),
  };
}

/** This checkout's lab; FERRY_LAB_ID names another one, for tests that must not disturb it. */
export function thisLab(env: NodeJS.ProcessEnv = process.env): Lab {
  const seed = env["FERRY_LAB_ID"] ?? realpathSync(join(__dirname, ".."));
  return deriveLab(seed, env["FERRY_LAB_HOME"] ?? "/var/lib/ferry-lab");
}

export function hostOf(lab: Lab, index: number): Host {
  const name = `node${index}`;
  return {
    name,
    index,
    machine: `${lab.id}-${name}`,
    cable: `${lab.id}-h${index}`,
    ip: `${lab.network}.${index}`,
    dir: join(lab.dir, "hosts", name),
  };
}

/** `node2` -> that host; undefined for any other word. */
export function hostNamed(lab: Lab, name: string): Host | undefined {
  const index = Number(/^node([1-9]\d?)$/.exec(name)?.[1]);
  return Number.isNaN(index) ? undefined : hostOf(lab, index);
}
