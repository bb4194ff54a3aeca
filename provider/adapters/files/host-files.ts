import { Readable } from "stream";
import { pipeline } from "stream/promises";
import type { CommandResult, Host } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import type { HostFiles } from "../../core/files/host-files";
import { hostProgram } from "../../on-host/load";

const MISSING = hostProgram("files/missing.sh");
const PUT = hostProgram("files/put.sh");
const KEEP_ONLY = hostProgram("files/keep-only.sh");

const UNFILLED = hostProgram("files/unfilled.sh");
const FILL = hostProgram("files/fill.sh");

const LONG = { root: true, timeoutSeconds: 600 };
/** A folder of data may be large. */
const SLOW = { root: true };

/** One command for each question, and one for each content that is brought. */
export const hostFiles: HostFiles = {
  async missing(host, folder, digests) {
    const result = await host.shell.script(MISSING, [folder, ...digests], LONG);
    require0(host, "looking for its files", folder, result);
    return result.stdout.split("\n").filter((name) => name !== "");
  },

  async put(host, folder, digest, archive) {
    const argv = ["sh", "-c", PUT, "put", folder, digest];
    await send(host, "bringing its files", folder, argv, Readable.from([archive]));
  },

  async keepOnly(host, folder, digests) {
    const result = await host.shell.script(KEEP_ONLY, [folder, ...digests], LONG);
    require0(host, "removing files that nothing needs", folder, result);
  },

  async isUnfilled(host, { name, mountpoint }) {
    const result = await host.shell.script(UNFILLED, [mountpoint], LONG);
    require0(host, `looking into volume '${name}'`, mountpoint, result);
    return result.stdout.trim() === "yes";
  },

  async fill(host, { name, mountpoint }, archive) {
    const argv = ["sh", "-c", FILL, "fill", mountpoint];
    await send(host, `filling volume '${name}'`, mountpoint, argv, archive);
  },
};

async function send(
  host: Host,
  what: string,
  folder: string,
  argv: readonly string[],
  archive: Readable,
): Promise<void> {
  const { stdin, done } = await host.shell.stream({ argv, ...SLOW });
  const sent = pipeline(archive, stdin).then(
    () => undefined,
    (error: unknown) => error,
  );
  const result = await done;
  const broken = await sent;
  // What could not be read here is the cause; a pipe that broke since the host's end failed is not.
  if (broken instanceof FerryError) throw broken;
  require0(host, what, folder, result);
  if (broken instanceof Error) throw failed(host, what, folder, broken.message);
}

function require0(host: Host, what: string, folder: string, result: CommandResult): void {
  const { exitCode, stderr } = result;
  if (exitCode === 0) return;
  throw failed(host, what, folder, stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`);
}

function failed({ name }: Host, what: string, folder: string, reason: string): FerryError {
  const advice = `Look at ${folder} there, and at the disk that it is on`;
  return new FerryError({ kind: "trouble", what, host: name, reason, advice });
}
