import { LabError } from "./errors";
import { choose, completeKind, type HostKind, isPart, type KindChoice, parseKind } from "./kind";

export interface HostsWanted {
  count: number;
  /** The kind of the host with that index, from 1; undefined where the host may stay as it is. */
  kindOf: (index: number) => HostKind | undefined;
}

/** `[N] [--suite S] [--docker D] [--store S] [--weave W] [--host NODE=KIND]...` */
export function parseHosts(args: readonly string[]): HostsWanted {
  let count: number | undefined;
  let common: KindChoice = {};
  const single = new Map<number, KindChoice>();
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith("--")) {
      if (count !== undefined || !/^\d+$/.test(word)) {
        throw new LabError(`'${word}' is no number of hosts.`, 2);
      }
      count = Number(word);
      continue;
    }
    const [option, given] = splitOnce(word.slice(2), "=");
    const value = given ?? words.shift();
    if (value === undefined || value.startsWith("--"))
      throw new LabError(`--${option} of what?`, 2);
    if (option === "host") {
      const [name, kind] = splitOnce(value, "=");
      const index = Number(/^node([1-9]\d?)$/.exec(name)?.[1]);
      if (Number.isNaN(index) || kind === undefined) {
        throw new LabError(`--host takes 'node2=trixie/29', not '${value}'.`, 2);
      }
      single.set(index, parseKind(kind));
    } else if (isPart(option)) {
      common = choose(common, option, value);
    } else {
      throw new LabError(`There is no option --${option}.`, 2);
    }
  }
  const asked = Object.keys(common).length > 0;
  // Refused here rather than when its host's turn comes.
  const kind = asked ? completeKind(common) : undefined;
  const singles = new Map([...single].map(([index, choice]) => [index, completeKind(choice)]));
  return {
    count: Math.max(count ?? 3, ...singles.keys()),
    kindOf: (index) => singles.get(index) ?? kind,
  };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
