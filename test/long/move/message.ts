/**
 * What is wrong with the message of a failed run: it is to be one message for people, that says
 * which replica, which host and what state things are in, and nothing of our insides.
 */
export function faultsOf(message: string): string[] {
  const promises: [boolean, string][] = [
    [/mv\/redis/.test(message), "does not name the replica"],
    [/host 'node[12]'/.test(message), "names no host"],
    [STATE.test(message), "does not say what state things are in"],
    [!INSIDES.test(message), "shows our insides"],
    [message.trim().split("\n").length === 1, "is more than one message"],
  ];
  return promises.flatMap(([holds, fault]) => (holds ? [] : [`the message ${fault}: ${message}`]));
}

/** The host on which the message says that it runs, if it says so. */
export function runsOn(message: string): string | undefined {
  return /\b(?:runs|stays) on host '([^']+)'/i.exec(message)?.[1];
}

const STATE =
  /\bruns? on host|stays on host|is on host|moved to host|its data is|nothing was changed|as before/i;
const INSIDES = /\n\s+at |\b\w*Error:|undefined|\[object|ECONN|\bNaN\b/;
