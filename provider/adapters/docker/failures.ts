import { FerryError, OUTCOME_UNKNOWN } from "../../core/errors";
import { describeEndpoint, userOf, type Endpoint } from "../ssh/failures";
import { redactText } from "../ssh/redact";

export const DOCKER_SOCKET = "/var/run/docker.sock";
export const WEAVE_SOCKET = "/var/run/weave/weave.sock";

/** What dockerode rejects with when Docker answered with an error. */
interface ApiError extends Error {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | Buffer | null;
}

const NOT_FOUND = 404;

/** Docker's "no such thing" as undefined; every other refusal stays one. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

export function statusOf(error: unknown): number | undefined {
  return (error as ApiError | undefined)?.statusCode;
}

/** Docker's own words, in one line; an answer of a proxy or a plain page counts as well. */
export function dockerMessage(error: unknown, secrets: readonly string[] = []): string {
  const { json, message, statusCode } = error as ApiError;
  const said = json && !Buffer.isBuffer(json) ? json.message : undefined;
  const text = said ?? message.replace(/^\(HTTP code \d+\) [^-]*- /, "");
  // Hidden first: what is put on one line may not be recognised any more.
  const line = redactText(text, secrets).replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return line === "" ? `error ${statusCode ?? "without a reason"}` : line;
}

/** Known troubles: how Docker words them, what we say of them, and what to do. */
const KNOWN: readonly { words: RegExp; say: (match: RegExpExecArray) => string }[] = [
  {
    words: /container name "?\/?([^" ]+)"? is already in use/,
    say: ([, name]) =>
      `another container is called '${name ?? ""}'. Remove or rename that one; it was left as it is`,
  },
  {
    words:
      /(?:Bind for|listen (?:tcp|udp)\w*) (\S+?):? (?:failed: port is already allocated|bind: address already in use)/,
    say: ([, port]) =>
      `port ${port ?? ""} is already in use there. Free it or publish another; the container does not run`,
  },
  {
    words:
      /(?:failed to bind|ports are not available|address already in use).*?(\d+\.\d+\.\d+\.\d+:\d+)/,
    say: ([, port]) =>
      `port ${port ?? ""} is already in use there. Free it or publish another; the container does not run`,
  },
  {
    words: /No such image: (\S+)/i,
    say: ([, image]) => `it has no image '${image ?? ""}'. Pull or load it there first`,
  },
  {
    words: /no space left on device/i,
    say: () => "no space is left on its disk. Make room under Docker's directory, then run again",
  },
  {
    words: /volume is in use - \[(.*)\]/,
    say: ([, users]) =>
      `containers still use it (${users ?? ""}). Remove those first; its data is untouched`,
  },
  {
    words: /No such container: (\S+)/i,
    say: () => "it is not there. Refresh to see what is",
  },
];

/**
 * One sentence for an error of Docker's: `what` is "starting container 'x'". Whatever of `secrets` Docker quotes is
 * hidden: a container's environment may hold passwords.
 */
export function dockerFailure(
  endpoint: Endpoint,
  what: string,
  error: unknown,
  secrets: readonly string[] = [],
): FerryError {
  const message = dockerMessage(error, secrets);
  const known = KNOWN.map(({ words, say }) => {
    const match = words.exec(message);
    return match && say(match);
  });
  const reason = known.find((said) => said !== null) ?? message;
  return new FerryError(`${what} failed on ${describeEndpoint(endpoint)}: ${reason}.`);
}

export function lateFailure(endpoint: Endpoint, what: string, seconds: number): FerryError {
  return new FerryError(
    `${what} timed out on ${describeEndpoint(endpoint)}: Docker did not answer within ${seconds} s. ` +
      OUTCOME_UNKNOWN,
  );
}

/** Why a socket on the host could not be reached, found out on the host itself. */
export type SocketTrouble = "absent" | "denied" | "silent";

export function socketFailure(
  endpoint: Endpoint,
  path: string,
  trouble: SocketTrouble,
): FerryError {
  const where = describeEndpoint(endpoint);
  const user = userOf(endpoint.settings);
  const program = path === WEAVE_SOCKET ? "Weave's proxy" : "Docker";
  if (trouble === "denied") {
    const remedy =
      path === WEAVE_SOCKET
        ? `let user '${user}' use ${path}`
        : `add user '${user}' to the group docker`;
    return new FerryError(
      `${program} refused us on ${where}: user '${user}' may not use ${program} (${path}). ` +
        `On the host, ${remedy}, or connect as root; nothing was changed.`,
    );
  }
  if (trouble === "silent") {
    return new FerryError(
      `${program} does not answer on ${where}: nothing listens on ${path}, or sshd forbids forwarding to it. ` +
        `Start it there, and leave AllowStreamLocalForwarding on in sshd's settings; nothing was changed.`,
    );
  }
  return path === WEAVE_SOCKET
    ? new FerryError(
        `Weave's proxy does not answer on ${where}: there is no ${path}. ` +
          `Launch Weave there (a Peer does), then run again; nothing was changed.`,
      )
    : new FerryError(
        `Docker is not running on ${where}: there is no ${path}. ` +
          `Install Docker or start it there, then run again; nothing was changed.`,
      );
}
