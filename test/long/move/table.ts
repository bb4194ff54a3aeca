import { MOVE_STEPS } from "../../../provider/core/move/plan";
import { columns } from "../columns";
import type { Row } from "./case";
import { faults } from "./faults";

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
export function table(unsorted: readonly Row[]): string {
  const names = Object.values(faults).map(({ name }) => name);
  // Faults alone in their order, then what happens under a condition.
  const place = ({ fault, step }: Row) =>
    (names.includes(fault) ? names.indexOf(fault) : names.length) * MOVE_STEPS.length +
    (MOVE_STEPS as readonly string[]).indexOf(step);
  const rows = [...unsorted].sort((a, b) => place(a) - place(b) || (a.fault < b.fault ? -1 : 1));
  const lines = [
    COLUMNS.map(([title]) => title),
    ...rows.map((row) => COLUMNS.map(([, of]) => of(row))),
  ];
  const broken = rows.flatMap((row) =>
    row.broken.map((sentence) => `${row.fault} x ${row.step}: ${sentence}`),
  );
  return [...columns(lines), "", ...broken].join("\n");
}
