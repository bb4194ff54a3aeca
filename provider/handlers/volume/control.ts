import { controlServices } from "../../adapters/volume/flocker/control-services";
import type { InputProblem } from "../../core/errors";
import { isUnknown } from "../../core/unknown";
import { controlProblems, type FlockerControl } from "../../core/volume/flocker";

/** What opens a volume's control service, for this run; resolves to what is wrong with it. */
export function sayControl(text: string | undefined, key: string): InputProblem[] {
  if (text === undefined || isUnknown(text)) return [];
  const settings = JSON.parse(text) as FlockerControl;
  const problems = controlProblems(settings, key);
  if (problems.length === 0) controlServices.say(settings);
  return problems;
}

/** As a replica is told of its volumes, by their keys; their own resources say what is wrong. */
export function sayControls(texts: Readonly<Record<string, string>> | undefined): void {
  if (texts === undefined || isUnknown(texts)) return;
  for (const [key, text] of Object.entries(texts)) sayControl(text, key);
}
