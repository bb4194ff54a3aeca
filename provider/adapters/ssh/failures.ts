import { FerryError, type Fault, type FaultKind } from "../../core/errors";
import type { Connection } from "../../core/connection";

/** Who a message is about: the program's name for the host, and how it is reached. */
export interface Endpoint {
  readonly name: string;
  readonly settings: Connection;
}

export function userOf(settings: Connection): string {
  return settings.user ?? "root";
}

export function addressOf(settings: Pick<Connection, "host" | "port">): string {
  const port = settings.port ?? 22;
  return settings.host.includes(":") ? `[${settings.host}]:${port}` : `${settings.host}:${port}`;
}

/** "host 'node1' (10.0.0.1:22, through the jump host 192.0.2.1:22)". */
export function describeEndpoint({ name, settings }: Endpoint): string {
  const through = settings.proxy ? `, through the jump host ${addressOf(settings.proxy)}` : "";
  return `host '${name}' (${addressOf(settings)}${through})`;
}

/** The fields of a fault that say which host it is of. */
export function at(endpoint: Endpoint): Pick<Fault, "host" | "where"> {
  return { host: endpoint.name, where: describeEndpoint(endpoint) };
}

/** No way into the host was made; nothing at all was done there. */
export function connectFailure(
  endpoint: Endpoint,
  { kind, reason, advice, touched = "nothing" }: Omit<Fault, "what" | "ended">,
): FerryError {
  const what = "SSH connection";
  const reported = advice === undefined ? {} : { advice };
  return new FerryError({ kind, what, ...at(endpoint), reason, ...reported, touched });
}

/** How an attempt to reach a host ended; `retry` when another attempt may well go better. */
export interface DialFault {
  readonly kind: FaultKind;
  readonly reason: string;
  readonly advice: string;
  readonly retry: boolean;
  /**
   * It has too much to do, or too many failed log-ins of ours behind it, and says so or hangs up.
   */
  readonly busy?: boolean;
}

const CHECK_ADDRESS = "Check its address and port, and that its sshd runs";

const silence = (reason: string): DialFault => ({
  kind: "silent",
  reason,
  advice: CHECK_ADDRESS,
  retry: true,
});

/**
 * A machine that refuses a connection or ends one is there, whatever its sshd does: its containers
 * may well run.
 */
const FAULTS: Readonly<Record<string, DialFault>> = {
  ECONNREFUSED: {
    kind: "refused",
    reason: "nothing listens on its SSH port (connection refused)",
    advice: CHECK_ADDRESS,
    retry: true,
  },
  EHOSTUNREACH: silence("no route leads to it"),
  // Of this machine's own network, a VPN that is down, say: the host may well serve its clients.
  ENETUNREACH: {
    kind: "trouble",
    reason: "this machine has no route to its network, which says nothing of the host",
    advice: "Check this machine's own network",
    retry: true,
  },
  EHOSTDOWN: silence("it is down"),
  ETIMEDOUT: silence("it does not answer (timed out)"),
  ECONNRESET: {
    kind: "trouble",
    reason: "it ended the connection before the handshake",
    advice:
      "Its sshd may be starting, or have too many log-ins under way or failed ones from here " +
      "(MaxStartups, PerSourcePenalties)",
    retry: true,
    busy: true,
  },
  EAI_AGAIN: {
    kind: "trouble",
    reason: "its name cannot be resolved at the moment",
    advice: "Check the name server of this machine",
    retry: true,
  },
  ENOTFOUND: {
    kind: "settings",
    reason: "its name cannot be resolved",
    advice: "Check `host` in its connection",
    retry: false,
  },
};

/**
 * Verdict on an error of a socket, or of the SSH client before anybody was authenticated. `said`:
 * what came first.
 */
export function dialFault(error: Error, said?: string): DialFault {
  if (error instanceof BehindJump) return error.fault;
  const words =
    said
      ?.split(/[\r\n]/)[0]
      ?.replace(/[^ -~]/g, "?")
      .slice(0, 80) ?? "";
  const reset = FAULTS["ECONNRESET"];
  if (reset && /MaxStartups|Not allowed at this time/.test(words)) {
    return { ...reset, reason: `its sshd turns us away ("${words}")` };
  }
  if (said !== undefined && !words.startsWith("SSH-")) {
    const reason = `something else than SSH answers there ("${words}")`;
    return { kind: "trouble", reason, advice: CHECK_ADDRESS, retry: false };
  }
  const code = (error as NodeJS.ErrnoException).code;
  const known = code === undefined ? undefined : FAULTS[code];
  if (known) return known;
  // The SSH client's own words.
  if (reset && /before handshake/.test(error.message)) return reset;
  return {
    kind: "trouble",
    reason: error.message.replace(/[.\s]+$/, "").replace(/\s+/g, " "),
    advice: CHECK_ADDRESS,
    retry: false,
  };
}

/** For an attempt that took longer than it may; `spoke`: something did come from there. */
export function lateFault(seconds: number, spoke: boolean): DialFault {
  if (!spoke) return silence(`it does not answer (not a byte within ${seconds} s)`);
  return {
    kind: "trouble",
    reason: `it answers, but there was no SSH log-in within ${seconds} s`,
    advice: "See how busy it is, and what its sshd waits for",
    retry: true,
  };
}

/** A jump host did not get through to the host behind it. */
export class BehindJump extends Error {
  constructor(readonly fault: DialFault) {
    super(fault.reason);
  }
}

/**
 * What the jump host says of the host behind it, in sshd's words, which are the operating system's.
 * Only where it says that nothing came back is the host silent: a jump host that forbids
 * forwarding, say, knows nothing of it.
 */
export function behindJump(jump: Connection, said: string): BehindJump {
  const by = `the jump host ${addressOf(jump)}`;
  const words = said.replace(/^\(SSH\) Channel open failure: /, "");
  const reason = `${by} cannot reach it (${words})`;
  if (/timed out|no route|host is unreachable|host is down/i.test(words)) {
    return new BehindJump(silence(reason));
  }
  const kind = /refused/i.test(words) ? "refused" : "trouble";
  return new BehindJump({ kind, reason, advice: CHECK_ADDRESS, retry: true });
}

/** The jump host is there, and hears nothing of the host behind it. */
export function silentBehindJump(jump: Connection, seconds: number): BehindJump {
  const reason = `the jump host ${addressOf(jump)} gets no answer from it within ${seconds} s`;
  return new BehindJump(silence(reason));
}

/** A jump host, or a further connection, that is not reached says nothing about the host itself. */
export function asTrouble(endpoint: Endpoint, error: unknown): unknown {
  if (!(error instanceof FerryError)) return error;
  const { fault } = error;
  const kind = fault.kind === "silent" || fault.kind === "refused" ? "trouble" : fault.kind;
  return new FerryError({ ...fault, kind, host: endpoint.name }, { cause: error });
}

export function lostFailure(endpoint: Endpoint, what: string): FerryError {
  return new FerryError({
    kind: "trouble",
    what,
    ended: "was cut off",
    ...at(endpoint),
    reason: "the SSH connection was lost",
    touched: "unknown",
  });
}
