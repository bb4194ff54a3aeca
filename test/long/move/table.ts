import type { Row } from "./case";

const COLUMNS: readonly (readonly [string, (row: Row) => string])[] = [
  ["fault", (row) => row.fault],
  ["step", (row) => (row.struckAt === row.step ? row.step : `${row.step} (${row.struckAt})`)],
  ["outcome", (row) => row.outcome],
  ["acknowledged", (row) => String(row.acknowledged)],
  ["found", (row) => String(row.found ?? "?")],
  ["silence", (row) => `${row.longestSilenceMs} ms`],
  ["copies", (row) => String(row.copiesAtOnce)],
  ["answer", (row) => String(row.answerersAtOnce)],
  ["took", (row) => `${row.seconds} s`],
  ["", (row) => (row.broken.length === 0 ? "" : "BROKEN")],
];

/** fault x step -> outcome, for a terminal. */
export function table(rows: readonly Row[]): string {
  const lines = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, of]) => of(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const drawn = lines.map((line) =>
    line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd(),
  );
  const broken = rows.flatMap((row) =>
    row.broken.map((sentence) => `${row.fault} x ${row.step}: ${sentence}`),
  );
  return [...drawn, "", ...broken].join("\n");
}
