import { parseCidr, formatCidr } from "./addresses/ipv4";
import type { Connection } from "./connection";
import { FerryError, type InputProblem } from "./errors";
import { containsUnknown } from "./unknown";

/**
 * Reads a resource's inputs one by one and collects what is wrong with them. What is not known yet
 * is handed through as it is, and so is what is wrong: a problem stops the run anyway.
 */
export class InputReader {
  readonly problems: InputProblem[] = [];
  readonly #props: Readonly<Record<string, unknown>>;

  constructor(props: Readonly<Record<string, unknown>>) {
    this.#props = props;
  }

  required<T>(name: string, parse: (value: unknown) => T): T {
    const value = this.#props[name];
    if (value === undefined || value === null) {
      this.problem(name, "is missing");
      return undefined as T;
    }
    return this.#parse(name, value, parse);
  }

  /** {} when absent, so that it can be spread. */
  optional<K extends string, T>(name: K, parse: (value: unknown) => T): Partial<Record<K, T>> {
    const value = this.#props[name];
    if (value === undefined || value === null) return {};
    return { [name]: this.#parse(name, value, parse) } as Record<K, T>;
  }

  problem(property: string, reason: string): void {
    this.problems.push({ property, reason });
  }

  #parse<T>(name: string, value: unknown, parse: (value: unknown) => T): T {
    if (containsUnknown(value)) return value as T;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      this.problem(name, error.message);
      return value as T;
    }
  }
}

/** A parser for a text; `legal` and `what` say which ones will do. */
export function text(legal = /\S/, what = "is empty"): (value: unknown) => string {
  return (value) => {
    if (typeof value !== "string") throw new FerryError("is not a text");
    if (!legal.test(value)) throw new FerryError(value === "" ? "is empty" : `'${value}' ${what}`);
    return value;
  };
}

export function integer(least: number, most: number): (value: unknown) => number {
  return (value) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw new FerryError(`must be a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

export function boolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw new FerryError("must be true or false");
  return value;
}

export function listOf<T>(parse: (value: unknown) => T): (value: unknown) => T[] {
  return (value) => {
    if (!Array.isArray(value)) throw new FerryError("is not a list");
    return value.map(parse);
  };
}

export const cidr = (value: unknown): string => formatCidr(parseCidr(text()(value)));

/** Only what cannot do without: whether the rest is right, the host shows. */
export function connection(value: unknown): Connection {
  if (typeof value !== "object" || value === null || !("host" in value)) {
    throw new FerryError("needs a host: the address that this machine dials");
  }
  text()(value.host);
  return value as Connection;
}
