import { FerryError, type Fault } from "../../core/errors";
import { network } from "../../core/network";
import { redactText } from "../../core/redact";
import { at, userOf, type Endpoint } from "../ssh/failures";

export const DOCKER_SOCKET = "/var/run/docker.sock";

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

interface Known {
  readonly reason: string;
  readonly advice: string;
}

const portInUse = (port = ""): Known => ({
  reason: `port ${port} is already in use there`,
  advice: "Free it or publish another; the container does not run",
});

/** Known troubles: how Docker words them, what we say of them, and what to do. */
const KNOWN: readonly { words: RegExp; say: (match: RegExpExecArray) => Known }[] = [
  {
    words: /container name "?\/?([^" ]+)"? is already in use/,
    say: ([, name = ""]) => ({
      reason: `another container is called '${name}'`,
      advice: "Remove or rename that one; it was left as it is",
    }),
  },
  {
    words:
      /(?:Bind for|listen (?:tcp|udp)\w*) (\S+?):? (?:failed: port is already allocated|bind: address already in use)/,
    say: ([, port]) => portInUse(port),
  },
  {
    words:
      /(?:failed to bind|ports are not available|address already in use).*?(\d+\.\d+\.\d+\.\d+:\d+)/,
    say: ([, port]) => portInUse(port),
  },
  {
    words: /No such image: (\S+)/i,
    say: ([, image = ""]) => ({
      reason: `it has no image '${image}'`,
      advice: "Pull or load it there first",
    }),
  },
  {
    words: /exec format error/i,
    say: () => ({
      reason: "its image is for another kind of processor than the host's",
      advice: "Take an image that has the host's platform as well",
    }),
  },
  {
    // As runc before 1.2 says it, of what Docker 29 asks for.
    words: /namespace\W+time\b.* does not exist/i,
    say: () => ({
      reason: "its runc is too old for this Docker, as it knows no time namespaces",
      advice:
        'Update runc to 1.3 or later, or have daemon.json say `"features": {"time-namespaces": false}`',
    }),
  },
  {
    words: /no space left on device/i,
    say: () => ({
      reason: "no space is left on its disk",
      advice: "Make room under Docker's directory, then run again",
    }),
  },
  {
    words: /volume is in use - \[(.*)\]/,
    say: ([, users = ""]) => ({
      reason: `containers still use it (${users})`,
      advice: "Remove those first; its data is untouched",
    }),
  },
  {
    words: /No such container: (\S+)/i,
    say: () => ({ reason: "it is not there", advice: "Refresh to see what is" }),
  },
];

/**
 * An error of Docker's: `what` is "starting container 'x'". Whatever of `secrets` Docker quotes is
 * hidden: a container's environment may hold passwords.
 */
export function dockerFailure(
  endpoint: Endpoint,
  what: string,
  error: unknown,
  secrets: readonly string[] = [],
): FerryError {
  const message = dockerMessage(error, secrets);
  const said = KNOWN.flatMap(({ words, say }) => {
    const match = words.exec(message);
    return match === null ? [] : [say(match)];
  });
  const [why = { reason: message }] = said;
  return new FerryError({ kind: "trouble", what, ...at(endpoint), ...why, secrets });
}

/** Late, though its host is there: a host that is not is told of by the connection. */
export function lateFailure(endpoint: Endpoint, what: string, seconds: number): FerryError {
  return new FerryError({
    kind: "trouble",
    what,
    ended: "timed out",
    ...at(endpoint),
    reason: `Docker did not answer within ${seconds} s`,
    touched: "unknown",
  });
}

/** Why a socket on the host could not be reached, found out on the host itself. */
export type SocketTrouble = "absent" | "denied" | "silent";

export function socketFailure(
  endpoint: Endpoint,
  path: string,
  trouble: SocketTrouble,
): FerryError {
  const ofProxy = path === network.socket;
  const program = ofProxy ? network.proxy : "Docker";
  return new FerryError({ ...at(endpoint), touched: "nothing", ...faultIn() });

  function faultIn(): Fault {
    const user = userOf(endpoint.settings);
    if (trouble === "denied") {
      const remedy = ofProxy
        ? `let user '${user}' use ${path}`
        : `add user '${user}' to the group docker`;
      return {
        kind: "refused",
        what: program,
        ended: "refused us",
        reason: `user '${user}' may not use ${program} (${path})`,
        advice: `On the host, ${remedy}, or connect as root`,
      };
    }
    if (trouble === "silent") {
      return {
        kind: "trouble",
        what: program,
        ended: "does not answer",
        reason: `nothing listens on ${path}, or sshd forbids forwarding to it`,
        advice: "Start it there, and leave AllowStreamLocalForwarding on in sshd's settings",
      };
    }
    return {
      kind: "trouble",
      what: program,
      ended: ofProxy ? "does not answer" : "is not running",
      reason: `there is no ${path}`,
      advice: ofProxy
        ? network.advice
        : "Install Docker (`bootstrap: true` of a host in the program does) or start it there, then run again",
    };
  }
}
