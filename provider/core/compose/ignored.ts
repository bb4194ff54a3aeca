import type { Place } from "./problems";
import type { Written } from "./written";
import { isMapping, isSequence } from "./yaml";

const STEP = /\.?([^.[\]"]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]/y;

/** "services.*.labels[0]" as ["services", "*", "labels", "0"]; undefined when it is no path. */
function steps(path: string): string[] | undefined {
  const found: string[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    found.push(match[1] ?? match[3] ?? (match[2] ?? "").replace(/\\(.)/g, "$1"));
  }
  return found.length === 0 ? undefined : found;
}

/**
 * The tree without what the program says is to be ignored: paths as messages have them, with * for
 * any name. Each is told where it is; one that is nowhere is a warning.
 */
export function withoutIgnored(tree: Written, ignore: readonly string[], top: Place): Written {
  let left = tree;
  for (const path of ignore) {
    const wanted = steps(path);
    if (wanted === undefined) {
      top.problem(`ignore: '${path}' is no path. Write it as messages have it: services.web.gpus.`);
      continue;
    }
    const hit = { found: false };
    left = without(left, wanted, top, hit);
    if (!hit.found) top.warn(`ignore: there is no '${path}' in it. Take it out of \`ignore\`.`);
  }
  return left;
}

function without(
  node: Written,
  [step = "", ...rest]: readonly string[],
  at: Place,
  hit: { found: boolean },
): Written {
  const keep = (name: string, value: Written, here: Place): Written | undefined => {
    if (step !== "*" && step !== name) return value;
    if (rest.length > 0) return without(value, rest, here, hit);
    hit.found = true;
    here.note("is ignored, as the program says.");
    return undefined;
  };
  if (isMapping(node)) {
    const left = new Map<string, Written>();
    for (const [name, value] of node) {
      const kept = keep(name, value, at.key(name));
      if (kept !== undefined) left.set(name, kept);
    }
    return left;
  }
  if (!isSequence(node)) return node;
  return node.flatMap((value, index): Written[] => {
    const kept = keep(String(index), value, at.index(index));
    return kept === undefined ? [] : [kept];
  });
}
