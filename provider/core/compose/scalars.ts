import { DURATION_FORMS, parseDuration } from "./durations";
import { didYouMean } from "./name-rules";
import type { Place } from "./problems";
import { parseSize, SIZE_FORMS } from "./sizes";
import { isMapping, isSequence, type Content, type Mapping, type Node } from "./yaml";

/** Reads one value. undefined: it was wrong, and the place has been told so. */
export type Parser<T> = (node: Node, at: Place) => T | undefined;

/** What a value is, for messages. */
function kindOf(node: Node): string {
  if (node === null) return "empty";
  return isMapping(node) ? "a mapping" : isSequence(node) ? "a list" : "a text";
}

export const text: Parser<string> = (node, at) => {
  if (typeof node !== "string")
    return at.problem(`must be a text, and is ${kindOf(node)}. Write a text.`);
  if (node.includes("\0")) return at.problem("holds a NUL character. Remove it.");
  return node;
};

/** Text that is not empty. */
export const name: Parser<string> = (node, at) => {
  const value = text(node, at);
  return value === "" ? at.problem("must not be empty. Give it a value, or leave it out.") : value;
};

/** A path beside the file; one in a home, which Compose goes to, is another one for each user. */
export const pathBeside: Parser<string> = (node, at) => {
  const path = name(node, at);
  if (path?.startsWith("~") !== true) return path;
  return at.problem(
    `${at.show(path)} is in somebody's home, which is another one on each machine. Name a path beside this file.`,
  );
};

/** Text of a given form; `forms` ends the message: "Write ...". */
export const matching =
  (pattern: RegExp, what: string, forms: string): Parser<string> =>
  (node, at) => {
    const value = text(node, at);
    if (value === undefined || pattern.test(value)) return value;
    return at.problem(`${at.show(value)} is not ${what}. ${forms}`);
  };

export const boolean: Parser<boolean> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  if (/^(true|yes|on|y)$/i.test(value)) return true;
  if (/^(false|no|off|n)$/i.test(value)) return false;
  return at.problem(`${at.show(value)} is neither true nor false. Write one of them.`);
};

/** A whole number within bounds. */
export const integer =
  (min: number, max: number = Number.MAX_SAFE_INTEGER): Parser<number> =>
  (node, at) => {
    const value = text(node, at);
    if (value === undefined) return undefined;
    const number = /^-?\d+$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
    return at.problem(`${at.show(value)} is not a whole number of ${bounds}. Write one.`);
  };

export const positiveDecimal: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const number = /^\d+(\.\d+)?$|^\.\d+$/.test(value) ? Number(value) : NaN;
  if (number > 0 && number < Infinity) return number;
  return at.problem(`${at.show(value)} is not a number above 0. Write 2, 0.5 or the like.`);
};

/** Docker's own way to say no bound. */
export const isZero = (node: Node) =>
  node === "" || (typeof node === "string" && /^0+(\.0+)?$/.test(node));

export const size: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  return parseSize(value) ?? at.problem(`${at.show(value)} is not a size. ${SIZE_FORMS}`);
};

/** Permission bits, octal in every spelling. */
export const mode: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  if (/^(0o?)?[0-7]{3,4}$/.test(value)) return parseInt(value.replace("o", ""), 8);
  return at.problem(`${at.show(value)} is not a mode in octal. Write 1777 or 0755.`);
};

export const duration: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  return (
    parseDuration(value) ?? at.problem(`${at.show(value)} is not a duration. ${DURATION_FORMS}`)
  );
};

export const oneOf =
  <T extends string>(...values: readonly T[]): Parser<T> =>
  (node, at) => {
    const value = text(node, at);
    if (value === undefined) return undefined;
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    return at.problem(
      `${at.show(value)} is none of ${values.join(", ")}.${didYouMean(value, values) || " Write one of them."}`,
    );
  };

export const mapping: Parser<Mapping> = (node, at) =>
  isMapping(node)
    ? node
    : at.problem(`must be a mapping, and is ${kindOf(node)}. Write "key: value" lines.`);

export const sequence: Parser<readonly Node[]> = (node, at) =>
  isSequence(node)
    ? node
    : at.problem(`must be a list, and is ${kindOf(node)}. Write "- value" lines.`);

/** Every item by the same parser; undefined when one of them is wrong. */
export const listOf =
  <T>(item: Parser<T>): Parser<readonly T[]> =>
  (node, at) => {
    const items = sequence(node, at);
    if (items === undefined) return undefined;
    const read = items.map((each, index) => item(each, at.index(index)));
    return read.every((each) => each !== undefined) ? read : undefined;
  };

/** One text, or a list of them. */
export const oneOrMore =
  <T>(item: Parser<T>): Parser<readonly T[]> =>
  (node, at) => {
    if (typeof node !== "string") return listOf(item)(node, at);
    const read = item(node, at);
    return read === undefined ? undefined : [read];
  };

/** Values by name; a value that is undefined stands there without one. */
export type Pairs = readonly { name: string; value: string | undefined; at: Place }[];

/** A mapping, or a list of "name=value". */
export const pairs: Parser<Pairs> = (node, at) => {
  if (isMapping(node)) return pairsOfMapping(node, at);
  const items = listOf(text)(node, at);
  return items?.map((item, index) => {
    const split = item.indexOf("=");
    const named = split < 0 ? item : item.slice(0, split);
    const value = split < 0 ? undefined : item.slice(split + 1);
    return { name: named, value, at: at.index(index) };
  });
};

function pairsOfMapping(node: Mapping, at: Place): Pairs {
  return [...node].flatMap(([key, value]) => {
    const here = at.key(key);
    const read = value === null ? undefined : text(value, here);
    return value !== null && read === undefined ? [] : [{ name: key, value: read, at: here }];
  });
}

/**
 * Pairs as a record; of a name that is there twice the last one wins, as in Compose, also where it
 * has no value. `bare` gives the value of a name that stands there without one.
 */
export function toRecord(
  read: Pairs,
  bare: (name: string, at: Place) => string | undefined,
): Record<string, string> {
  const record = new Map<string, string>();
  const last = new Map(read.map((pair) => [pair.name, pair]));
  for (const { name: key, value, at } of last.values()) {
    if (key.trim() === "" || /[\0=]/.test(key))
      at.problem("has no name before the '='. Give it one.");
    else {
      const known = value ?? bare(key, at);
      if (known !== undefined) record.set(key, known);
    }
  }
  return Object.fromEntries(record);
}

/** A mapping or a list of "name=value"; a bare name has the empty text. */
export const record: Parser<Record<string, string>> = (node, at) => {
  const read = pairs(node, at);
  return read === undefined ? undefined : toRecord(read, () => "");
};

export type { Content };
