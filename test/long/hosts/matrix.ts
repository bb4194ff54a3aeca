import { columns } from "../columns";
import { KINDS } from "./kinds";
import type { Result, Results } from "./results";
import { STEPS } from "./steps";

export const NOT_RUN = "not run";
const FAILED = "FAILED";
const BEGIN = "<!-- The matrix: npm run docs:hosts -->";
const END = "<!-- The matrix ends. -->";

/** A line for each step, a column for each kind; the first line has their names. */
function lines(results: Results): string[][] {
  const kinds = Object.keys(KINDS);
  const cell = (result: Result | undefined) => {
    if (result === undefined) return NOT_RUN;
    return result.holds ? result.said : FAILED;
  };
  return [
    ["", ...kinds],
    ...STEPS.map((step) => [step, ...kinds.map((kind) => cell(results[kind]?.steps[step]))]),
    ["run on", ...kinds.map((kind) => results[kind]?.day ?? NOT_RUN)],
  ];
}

/** For a terminal, kind by kind, with what failed in full below. */
export function reportTable(results: Results): string {
  const failed = Object.entries(results).flatMap(([kind, { steps }]) =>
    Object.entries(steps).flatMap(([step, { holds, said }]) =>
      holds ? [] : [`${kind}, ${step}: ${said}`],
    ),
  );
  return [...columns(lines(results)), "", ...failed].join("\n");
}

/** The page with these results between its marks. */
export function withMatrix(page: string, results: Results): string {
  const [before, , after] = parts(page);
  const [titles = [], ...rows] = lines(results);
  const rule = titles.map(() => "---");
  const table = [titles, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${before}${BEGIN}\n\n${table.join("\n")}\n\n${END}${after}`;
}

/** The cells of the page's matrix, its first line included. */
export function matrixOf(page: string): string[][] {
  return parts(page)[1]
    .split("\n")
    .filter((line) => line.startsWith("|") && /[^\s|:-]/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function parts(page: string): [string, string, string] {
  const [before, rest] = page.split(BEGIN);
  const [matrix, after] = (rest ?? "").split(END);
  if (before === undefined || matrix === undefined || after === undefined) {
    throw new Error(`The page has no place for the matrix: '${BEGIN}' and '${END}'.`);
  }
  return [before, matrix, after];
}
