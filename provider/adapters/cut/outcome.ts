import { together } from "../../core/move/copied";
import { CUT_STEPS, type CutFigures, type CutOutcome, type CutStep } from "../../core/move/port";
import { parseStats } from "./rsync-output";

/** What the cut's script says at its end; undefined when it says nothing that makes sense. */
export function parseOutcome(output: string): CutOutcome | undefined {
  const word = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(output)?.[1]?.trim();
  const kind = word("kind");
  const figures = figuresOf(output);
  if (kind === "committed") return { kind, ...figures };
  if (kind !== "back" && kind !== "stuck") return undefined;
  return {
    kind: "failed",
    step: CUT_STEPS.find((step) => step === word("step")) ?? "fence",
    reason: word("reason") ?? "it did not say why",
    takenBack: kind === "back",
    ...figures,
  };
}

function figuresOf(output: string): CutFigures {
  const steps: Partial<Record<CutStep, number>> = {};
  for (const [, milliseconds, name] of output.matchAll(/^took (\d+) (.+)$/gm)) {
    const step = CUT_STEPS.find((each) => each === name);
    if (step !== undefined) steps[step] = Number(milliseconds);
  }
  const copies = output
    .split(/^(?=Number of files:)/m)
    .slice(1)
    .map(parseStats);
  return {
    ...together(copies),
    durationMs: Object.values(steps).reduce((sum, each) => sum + each, 0),
    downtimeMs: Number(/^down (\d+)$/m.exec(output)?.[1] ?? "0"),
    steps,
  };
}
