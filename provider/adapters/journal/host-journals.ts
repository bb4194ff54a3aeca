import { FerryError } from "../../core/errors";
import {
  ALL_JOURNALS,
  COMMITTED_MARK,
  formatEntry,
  journalDirectory,
  journalPath,
  parseEntry,
  recordPath,
} from "../../core/move/journal";
import type { Journals } from "../../core/move/journals";
import type { CommandResult, Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

export const READ = hostProgram("journal/read.sh");
export const READ_ALL = hostProgram("journal/read-all.sh");
export const WRITE = hostProgram("journal/write.sh");
export const REMOVE = hostProgram("journal/remove.sh");

const NOTHING_THERE = 44;
const COMMITTED = 45;

/**
 * The journals on real hosts. One command each: a journal is written before every step of a
 * cutover.
 */
export const hostJournals: Journals = {
  async read(host, replica) {
    const args = [journalPath(replica), recordPath(replica)];
    const result = await host.shell.script(READ, args, { root: true });
    if (result.exitCode === NOTHING_THERE) return undefined;
    if (result.exitCode !== 0) throw failedFor(host, "reading", replica, result);
    const entry = parseEntry(result.stdout);
    if (entry?.replica === replica) return entry;
    throw unreadable(host.name, replica);
  },

  async all(host) {
    const result = await host.shell.script(READ_ALL, [ALL_JOURNALS], { root: true });
    if (result.exitCode !== 0) throw failed(host, "reading the journals of all replicas", result);
    return result.stdout.split("\n").flatMap((text) => parseEntry(`${text}\n`) ?? []);
  },

  async write(host, entry) {
    const result = await write(host, entry, "");
    if (result.exitCode !== 0) throw failedFor(host, "writing", entry.replica, result);
  },

  async writeUnlessCommitted(host, entry) {
    const result = await write(host, entry, COMMITTED_MARK);
    if (result.exitCode === COMMITTED) return false;
    if (result.exitCode !== 0) throw failedFor(host, "writing", entry.replica, result);
    return true;
  },

  async remove(host, replica) {
    const result = await host.shell.script(REMOVE, [journalDirectory(replica)], { root: true });
    if (result.exitCode !== 0) throw failedFor(host, "removing", replica, result);
  },
};

function write(
  host: Host,
  entry: Parameters<Journals["write"]>[1],
  unless: string,
): Promise<CommandResult> {
  const { replica } = entry;
  const places = [journalDirectory(replica), journalPath(replica), recordPath(replica)];
  return host.shell.script(WRITE, [...places, formatEntry(entry), unless], { root: true });
}

function failedFor(host: Host, what: string, replica: string, result: CommandResult): FerryError {
  return failed(host, `${what} the journal of replica '${replica}'`, result, journalPath(replica));
}

function failed(
  { name }: Host,
  what: string,
  { stderr, exitCode }: CommandResult,
  path: string = ALL_JOURNALS,
): FerryError {
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  return new FerryError({
    kind: "trouble",
    what,
    host: name,
    reason: reason === "" ? `exit code ${exitCode}` : reason,
    advice: `Look at ${path} and at the disk it is on`,
  });
}

/** A damaged journal, or one of a newer Ferry. */
export function unreadable(host: string, replica: string): FerryError {
  return new FerryError({
    kind: "trouble",
    what: `reading what host '${host}' knows of replica '${replica}'`,
    host,
    reason: `${journalPath(replica)} is not what this version of Ferry writes`,
    advice: "Look at it, and remove it when nothing speaks against it",
  });
}
