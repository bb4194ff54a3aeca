import { existsSync, mkdirSync, rmSync, writeFileSync } from "fs";
import { dirname, join } from "path";
import * as lab from "../../../lab";

export const HOSTS = ["node1", "node2", "node3"];

const say = (line: string) => {
  console.log(`  ${line}`);
};

/** Says that a demo is under way; one that finds it knows that the one before was interrupted. */
const marker = () => join(lab.labDir(), "demo-running");

/**
 * Brings the hosts up; with fresh disks when an earlier demo was interrupted, since its containers
 * are still on them.
 */
export async function bringUpHosts(kindOf: lab.HostsWanted["kindOf"]): Promise<void> {
  if (existsSync(marker())) {
    console.log("  An earlier demo was cut off: its hosts are made anew.");
    await lab.wipe(undefined, say);
  }
  await lab.up(HOSTS.length, undefined, say, kindOf);
  for (const [name, { host }] of Object.entries(lab.labConnections()))
    say(`${name} is up at ${host}`);
  mkdirSync(dirname(marker()), { recursive: true });
  writeFileSync(marker(), "");
}

/** Ends the hosts; what `up` makes once per host stays for the next time. */
export async function takeDownHosts(): Promise<void> {
  rmSync(marker(), { force: true });
  await lab.down(undefined, say);
  say("nothing of them is left running");
}
