import { together } from "../../core/move/copied";
import { manifestDifferences } from "../../core/move/manifest";
import {
  CUTOVER_STEPS,
  type CutoverFigures,
  type CutoverOutcome,
  type CutoverStep,
} from "../../core/move/move-ports";
import { parseStats } from "./rsync-output";

/** Names for a message. */
export interface CutoverSides {
  readonly source: string;
  readonly target: string;
  /** By their numbers. */
  readonly volumes: readonly string[];
}

/** What the cutover's script says at its end; undefined when it says nothing that makes sense. */
export function parseOutcome(output: string, sides: CutoverSides): CutoverOutcome | undefined {
  const word = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(output)?.[1]?.trim();
  const kind = word("kind");
  const figures = figuresOf(output);
  if (kind === "committed") return { kind, ...figures };
  if (kind !== "back" && kind !== "stuck") return undefined;
  return {
    kind: "failed",
    step: CUTOVER_STEPS.find((step) => step === word("step")) ?? "fence",
    reason: [word("reason") ?? "it did not say why", differencesOf(output, sides)]
      .filter((part) => part !== "")
      .join(": "),
    takenBack: kind === "back",
    ...figures,
  };
}

/** "data: 'a/b' is only on 'node1'; data: and 2 more"; empty when the script has shown none. */
function differencesOf(output: string, { source, target, volumes }: CutoverSides): string {
  const listed = new Map<string, string>();
  for (const [, volume, side, list] of output.matchAll(
    /^difference (\d+) (source|target) (.*)$/gm,
  )) {
    listed.set(`${volume} ${side}`, Buffer.from(list ?? "", "base64").toString());
  }
  return volumes
    .flatMap((name, n) =>
      manifestDifferences(
        { host: source, manifest: listed.get(`${n} source`) ?? "" },
        { host: target, manifest: listed.get(`${n} target`) ?? "" },
      ).map((difference) => `${name}: ${difference}`),
    )
    .join("; ");
}

function figuresOf(output: string): CutoverFigures {
  const steps: Partial<Record<CutoverStep, number>> = {};
  for (const [, milliseconds, name] of output.matchAll(/^took (\d+) (.+)$/gm)) {
    const step = CUTOVER_STEPS.find((each) => each === name);
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
