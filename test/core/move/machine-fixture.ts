import type { Instance, Findings } from "../../../provider/core/move/findings";
import { parseEntry, type JournalEntry } from "../../../provider/core/move/journal";

/**
 * What is found on hosts a, b and c, in few words: copies with their epochs, and the journals
 * beside them.
 */

export const REPLICA = "p/s/d/redis/0";
const HOSTS = ["a", "b", "c"];

export const copy = (host: string, epoch: number, more: Partial<Instance> = {}): Instance => ({
  host,
  containerId: `${host}-${epoch}`,
  epoch,
  running: false,
  started: true,
  restarts: false,
  asWanted: true,
  ...more,
});
export const running = { running: true, restarts: true };
export const neverStarted = { started: false };

/** @param text "home", or a role with its step: "target/copying" */
export const entry = (
  text: string,
  epoch: number,
  other = "b",
  more: object = {},
): JournalEntry => {
  const [role, step] = text.split("/");
  const value = { version: 2, replica: REPLICA, role, step, epoch, other, volumes: ["v"], ...more };
  return parseEntry(JSON.stringify(value))!;
};
const firstVersion = (role: string, epoch: number, other: string): JournalEntry =>
  entry(role, epoch, other, { version: 1 });

export const found = (
  instances: Instance[],
  journals: Findings["journals"] = {},
  silent: string[] = [],
): Findings => ({ instances, journals, answered: HOSTS.filter((host) => !silent.includes(host)) });

/** A move from a to b, by what each of the two has noted. */
export const moving = (
  source: string,
  target: string,
  onTarget: Partial<Instance> = {},
): Findings =>
  found([copy("a", 1), copy("b", 2, onTarget)], {
    a: entry(source, 1),
    b: entry(target, 2, "a"),
  });

/** The same, noted by the first version of Ferry. */
export const movingInVersion1 = (
  source: string,
  target: string,
  onTarget: Partial<Instance>,
): Findings =>
  found([copy("a", 1), copy("b", 2, onTarget)], {
    a: firstVersion(source, 1, "b"),
    b: firstVersion(target, 2, "a"),
  });
