/** What the demo measured: written by `--json FILE`, and what decides whether it holds. */
export interface Findings {
  ipBefore: string;
  ipAfter: string;
  ipPreviewed: string;
  dnsName: string;
  dnsBefore: string;
  dnsAfter: string;
  hostBefore: string;
  hostAfter: string;
  marksBefore: string[];
  marksAfter: string[];
  /** After web has followed, one mark more was posted and redis has gone home. */
  marksHome: string[];
  writesAcknowledged: number;
  writesFound: number;
  /**
   * The longest time that the writer was without an acknowledgement while redis moved, in
   * milliseconds.
   */
  downtimeMs: number;
  bytesCopied: number;
  previewMoveOps: Record<string, string>;
  secondUpChanges: number;
  /** The longest gaps when web followed and when redis went home, in milliseconds. */
  webMoveGapMs: number;
  homeDowntimeMs: number;
  homeBytesCopied: number;
  /** Bytes of the longest `__provider` text in state. */
  providerBytes: number;
  /** Names of secrets that stand in clear in `pulumi stack export`. */
  secretsInClear: string[];
  leftovers: string[];
}

/** Each promise of the demo that did not hold, in a sentence. */
export function broken(f: Findings): string[] {
  const moved = Object.entries(f.previewMoveOps);
  const promises: [boolean, string][] = [
    [
      f.ipPreviewed === f.ipBefore,
      `The first preview showed ${f.ipPreviewed}, but redis got ${f.ipBefore}.`,
    ],
    [
      f.ipAfter === f.ipBefore,
      `redis had ${f.ipBefore} before the move and ${f.ipAfter} after it.`,
    ],
    [
      f.dnsBefore === f.ipBefore,
      `${f.dnsName} meant ${f.dnsBefore} before the move, not ${f.ipBefore}.`,
    ],
    [
      f.dnsAfter === f.ipAfter,
      `${f.dnsName} meant ${f.dnsAfter} after the move, not ${f.ipAfter}.`,
    ],
    [f.hostAfter !== f.hostBefore, `redis stayed on ${f.hostBefore}.`],
    [f.marksAfter.join() === f.marksBefore.join(), "The marks differ before and after the move."],
    [
      f.marksHome.length === f.marksAfter.length + 1 &&
        f.marksHome.join().startsWith(f.marksAfter.join()),
      `After the round trip the marks are ${f.marksHome.join(" ")}.`,
    ],
    [f.marksBefore.length > 0, "No mark was posted."],
    [f.writesAcknowledged > 0, "The writer wrote nothing."],
    [
      f.writesFound === f.writesAcknowledged,
      `${f.writesAcknowledged - f.writesFound} acknowledged writes are lost.`,
    ],
    [f.bytesCopied > 0, "Nothing was copied."],
    [
      moved.length === 1 && moved[0]?.[1] === "update",
      `The preview of the move was to show one update, and showed ${JSON.stringify(f.previewMoveOps)}.`,
    ],
    [f.secondUpChanges === 0, `A second up made ${f.secondUpChanges} changes.`],
    [f.providerBytes < 1024, `A __provider text has ${f.providerBytes} bytes.`],
    [
      f.secretsInClear.length === 0,
      `In clear in the exported state: ${f.secretsInClear.join(", ")}.`,
    ],
    [f.leftovers.length === 0, `Left after destroy: ${f.leftovers.join("; ")}.`],
  ];
  return promises.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}

/** The table at the end. */
export function table(f: Findings): string {
  const rows: [string, string, string][] = [
    ["", "before", "after"],
    ["host", f.hostBefore, f.hostAfter],
    ["IP", f.ipBefore, f.ipAfter],
    [f.dnsName, f.dnsBefore, f.dnsAfter],
    ["marks", f.marksBefore.join(" "), f.marksAfter.join(" ")],
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("   ")}`,
  );
  return [
    ...lines,
    "",
    `  acknowledged writes   ${f.writesAcknowledged}, found ${f.writesFound}, lost ${f.writesAcknowledged - f.writesFound}`,
    `  downtime              ${f.downtimeMs} ms, as the writing client saw it`,
    `  copied                ${(f.bytesCopied / 1e6).toFixed(2)} MB`,
    `  second up             ${f.secondUpChanges} changes`,
    `  home again            down ${f.homeDowntimeMs} ms, ${(f.homeBytesCopied / 1e6).toFixed(2)} MB copied`,
    `  left after destroy    ${f.leftovers.length === 0 ? "nothing" : f.leftovers.join("; ")}`,
  ].join("\n");
}
