import { randomBytes } from "crypto";
import { FerryError } from "../../core/errors";
import { journalDirectory } from "../../core/move/journal";
import type { CopyRoute } from "../../core/move/move-ports";
import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

const DROP_LOCK_FILE = hostProgram("move-key/drop-lock-file.sh");
const DROP_KEYS = hostProgram("move-key/drop-keys.sh");
const DROP_SERVE_ROOT = hostProgram("move-key/drop-serve-root.sh");
const MAKE_KEY = hostProgram("move-key/make-key.sh");
const MAKE_SERVE_ROOT = hostProgram("move-key/make-serve-root.sh");
const REWRITE_KEYS = hostProgram("move-key/rewrite-keys.sh");
const SERVE = hostProgram("move-key/serve.sh");

/**
 * Where a source keeps what a move's key may run, as the scripts have it. Readable by the user that
 * the key belongs to. Named things of a move carry its token, "<replica>-<random>", so that what a
 * broken move left behind is found and cleared by the replica's part of it.
 */
export const SERVE_ROOT = "/var/lib/ferry/moves";

/**
 * A way from target to source for the time of one move. The private key is made on the target and
 * never leaves it; the source lets it run one script, which lets it read the moved volumes, by
 * number, and nothing else.
 */
export interface OneOffKey {
  /** An ssh_config on the target in which the source is called "ferry-source". */
  readonly sshConfig: string;
  /** The key's folder on the target: for root only, on a file system that forgets. */
  readonly directory: string;
  /** What the key may run and read on the source. */
  readonly served: string;
  /**
   * What a cutover of this replica holds, on the target while it runs, on the source while it does
   * something.
   */
  readonly lockFile: string;
  /** Undefined when the target reaches the source; else why not. */
  probe(): Promise<string | undefined>;
  /** Safe to call twice. */
  remove(): Promise<void>;
}

/**
 * The way, or why there is none: the source takes no key, as when its authorized_keys cannot be
 * written.
 */
export async function makeOneOffKey({
  replica,
  source,
  target,
  paths,
}: CopyRoute): Promise<OneOffKey | string> {
  const odd = [source.connection.host, userOf(source)].find((word) => !/^[\w@.:%-]+$/.test(word));
  if (odd !== undefined) return `the way to host '${source.name}' has odd characters: '${odd}'`;
  const ofReplica = replicaPart(replica);
  const token = `${ofReplica}-${randomBytes(6).toString("hex")}`;
  const directory = `/run/ferry-move-${token}`;
  const sshConfig = `${directory}/config`;
  const remove = async () => {
    const results = await Promise.allSettled([
      run(target, DROP_KEYS, [ofReplica], true),
      dropServe(source, token),
    ]);
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };
  try {
    const [publicKey, hostKeys] = await Promise.all([
      run(target, DROP_KEYS, [ofReplica], true).then(() => run(target, MAKE_KEY, [token], true)),
      run(source, MAKE_SERVE_ROOT, [ofReplica, token], true),
    ]);
    const serve = `${SERVE_ROOT}/${token}`;
    await Promise.all([
      source.shell.writeFile(`${serve}/serve`, SERVE, { mode: 0o755, root: true }),
      ...paths.map((path, number) =>
        source.shell.writeFile(`${serve}/${number}`, `${path.source}\n`, {
          mode: 0o644,
          root: true,
        }),
      ),
      target.shell.writeFile(sshConfig, configFor(source, directory), { root: true }),
      target.shell.writeFile(`${directory}/known_hosts`, knownHosts(source, hostKeys), {
        root: true,
      }),
    ]);
    const [type = "", key = ""] = publicKey.trim().split(" ");
    const line = `restrict,command="/bin/sh ${serve}/serve" ${type} ${key} ferry-move-${token}`;
    const taken = await source.shell.script(REWRITE_KEYS, [`${ofReplica}-`, line]);
    if (taken.exitCode !== 0) {
      await remove();
      const why = lastLine(taken.stderr) || `exit code ${taken.exitCode}`;
      return `authorized_keys of user '${userOf(source)}' on host '${source.name}' cannot be written (${why})`;
    }
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
  return {
    sshConfig,
    directory,
    served: `${SERVE_ROOT}/${token}`,
    lockFile: lockFileOf(replica),
    remove,
    async probe() {
      const argv = ["ssh", "-F", sshConfig, "ferry-source", "probe"];
      const said = await target.shell.run({ argv, root: true, timeoutSeconds: 30 });
      if (said.exitCode !== 0) return lastLine(said.stderr) || `exit code ${said.exitCode}`;
      // It would get among the data.
      const noise = said.stdout.trim().split("\n")[0]?.slice(0, 80) ?? "";
      return said.stdout === ""
        ? undefined
        : `the login shell of user '${userOf(source)}' there prints '${noise}' before it runs what it is told`;
    },
  };
}

/**
 * Takes away what moves of this replica that were interrupted have left on a host, whichever side
 * it was on.
 */
export async function clearMoves(host: Host, replica: string): Promise<void> {
  const ofReplica = replicaPart(replica);
  await Promise.all([
    run(host, DROP_KEYS, [ofReplica], true),
    run(host, DROP_LOCK_FILE, [lockFileOf(replica)], true),
    dropServe(host, `${ofReplica}-`),
  ]);
}

/** The file that a cutover of the replica holds, on either side. */
export function lockFileOf(replica: string): string {
  return `/run/ferry-cut-${replicaPart(replica)}`;
}

/** The key goes before what it may run. */
function dropServe(host: Host, tokens: string): Promise<string> {
  return run(host, REWRITE_KEYS, [tokens, ""], false).finally(() =>
    run(host, DROP_SERVE_ROOT, [tokens], true),
  );
}

/** The beginning of the tokens of all moves of a replica. */
function replicaPart(replica: string): string {
  return journalDirectory(replica).split("-").at(-1) ?? "";
}

async function run(
  host: Host,
  script: string,
  args: readonly string[],
  root: boolean,
): Promise<string> {
  const { exitCode, stdout, stderr } = await host.shell.script(script, args, { root });
  if (exitCode === 0) return stdout;
  const reason = lastLine(stderr);
  throw new FerryError({
    kind: "trouble",
    reason:
      `setting up the copy between two hosts failed on host '${host.name}': ` +
      `${reason === "" ? `exit code ${exitCode}` : reason}.`,
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

function userOf({ connection }: Host): string {
  return connection.user ?? "root";
}

function configFor(source: Host, directory: string): string {
  const { host, port } = source.connection;
  return `Host ferry-source
  HostName ${host.replaceAll("%", "%%")}
  Port ${port ?? 22}
  User ${userOf(source)}
  IdentityFile ${directory}/key
  IdentitiesOnly yes
  BatchMode yes
  HostKeyAlias ferry-source
  UserKnownHostsFile ${directory}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  ControlMaster auto
  ControlPath ${directory}/connection
  ControlPersist 600
  Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr
  Compression no
  ConnectTimeout 10
  ServerAliveInterval 5
  ServerAliveCountMax 3
  LogLevel ERROR
`;
}

/**
 * The pinned key, and those that the source shows over the connection which was checked against it.
 */
function knownHosts({ connection }: Host, fromSource: string): string {
  const pinned = connection.hostKey ?? "";
  const keys = [...fromSource.split("\n"), pinned].flatMap((line) => {
    const [type = "", key = ""] = line.trim().split(/\s+/);
    return /^(ssh|ecdsa)-[\w@.-]+$/.test(type) && key !== "" ? [`ferry-source ${type} ${key}`] : [];
  });
  return `${[...new Set(keys)].join("\n")}\n`;
}
