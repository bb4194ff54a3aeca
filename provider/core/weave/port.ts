import type { DatapathFacts } from "./fast-datapath";
import type { RouterReport } from "./report";
import type { RouterContainer } from "./router-container";
import type { LaunchSettings } from "./settings";

/**
 * Weave Net on one host. Every method rejects with a FerryError that names the host; all but `version` need the weave
 * command there.
 */
export interface Weave {
  /** The version of the weave command ("2.6.5"), undefined when the host has none. Changes nothing on the host. */
  version(): Promise<string | undefined>;
  datapath(): Promise<DatapathFacts>;
  /** The router's container, running or not; undefined when there is none. Needs no weave command. */
  router(password?: string): Promise<RouterContainer | undefined>;
  /** What the router says; undefined when none answers. Needs no weave command. */
  report(): Promise<RouterReport | undefined>;
  /** Rejects when a router runs already, whatever its settings, and with the router's own words when it dies. */
  launch(settings: LaunchSettings): Promise<void>;
  /** Stops the router and keeps what it knows. Success when none runs. */
  stop(): Promise<void>;
  connect(targets: readonly string[]): Promise<void>;
  forget(targets: readonly string[]): Promise<void>;
  /**
   * Waits until the electors agree on Weave's range, and leaves nothing behind on the host when they do not in time.
   * True when they agree.
   */
  prime(timeoutSeconds: number): Promise<boolean>;
  /**
   * Has the host take ended containers' addresses off the network by itself from now on (docs/adr/0004-dead-links.md).
   * False where the host cannot (no systemd). Repeating it changes nothing.
   */
  keepSwept(): Promise<boolean>;
  /**
   * Leaves the network; no container, volume container or bridge of Weave's stays, nor what `keepSwept` made. Success
   * when there is none.
   */
  reset(): Promise<void>;
}

/** Where the weave command makes its Docker proxy listen. */
export const PROXY_SOCKET = "/var/run/weave/weave.sock";

/** The one sentence for a host without the command. */
export function weaveMissing(host: string): string {
  return (
    `The weave command is not on host '${host}' (looked in PATH and /usr/local/bin). Install it with ` +
    "`curl -fsSLo /usr/local/bin/weave https://github.com/weaveworks/weave/releases/download/v2.8.1/weave && " +
    "chmod 755 /usr/local/bin/weave`, or copy /usr/local/bin/weave from a host that has it."
  );
}
