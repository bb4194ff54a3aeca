import { FerryError, OUTCOME_UNKNOWN } from "../../core/errors";
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

export function connectFailure(endpoint: Endpoint, reason: string, advice: string): FerryError {
  const what = `SSH connection failed on ${describeEndpoint(endpoint)}`;
  return new FerryError(`${what}: ${reason}. ${advice.replace(/\.$/, "")}.`);
}

/** How an attempt to reach a host ended; `retry` when another attempt may well go better. */
export interface DialFault {
  readonly reason: string;
  readonly advice: string;
  readonly retry: boolean;
}

const CHECK_ADDRESS = "Check its address and port, and that its sshd runs; nothing was changed";

const FAULTS: Readonly<Record<string, DialFault>> = {
  ECONNREFUSED: {
    reason: "it does not answer (connection refused)",
    advice: CHECK_ADDRESS,
    retry: true,
  },
  EHOSTUNREACH: { reason: "no route leads to it", advice: CHECK_ADDRESS, retry: true },
  ENETUNREACH: { reason: "no route leads to its network", advice: CHECK_ADDRESS, retry: true },
  EHOSTDOWN: { reason: "it is down", advice: CHECK_ADDRESS, retry: true },
  ETIMEDOUT: { reason: "it does not answer (timed out)", advice: CHECK_ADDRESS, retry: true },
  ECONNRESET: {
    reason: "it ended the connection before the handshake",
    advice: "Its sshd may be starting or may have too many log-ins under way (MaxStartups)",
    retry: true,
  },
  EAI_AGAIN: {
    reason: "its name cannot be resolved at the moment",
    advice: "Check the name server of this machine",
    retry: true,
  },
  ENOTFOUND: {
    reason: "its name cannot be resolved",
    advice: "Check `host` in its connection; nothing was changed",
    retry: false,
  },
};

/** Sentence and verdict for an error of a socket, or of the SSH client before anybody was authenticated. */
export function dialFault(error: Error): DialFault {
  const code = (error as NodeJS.ErrnoException).code;
  const known = code === undefined ? undefined : FAULTS[code];
  if (known) return known;
  if (code === "EJUMP") return { reason: error.message, advice: CHECK_ADDRESS, retry: true };
  const reset = FAULTS["ECONNRESET"];
  if (reset && /before handshake|ended the connection/.test(error.message)) return reset;
  return {
    reason: error.message.replace(/[.\s]+$/, "").replace(/\s+/g, " "),
    advice: CHECK_ADDRESS,
    retry: false,
  };
}

/** For an attempt that took longer than it may. */
export function silentFault(seconds: number): DialFault {
  const reason = `it does not answer (no SSH log-in within ${seconds} s)`;
  return { reason, advice: CHECK_ADDRESS, retry: true };
}

export function lostFailure(endpoint: Endpoint, what: string): FerryError {
  return new FerryError(
    `${what} was cut off on ${describeEndpoint(endpoint)}: the SSH connection was lost. ` +
      OUTCOME_UNKNOWN,
  );
}
