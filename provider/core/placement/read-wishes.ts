import { labelOf, type Service } from "../application";
import { parseSize, SIZE_FORMS } from "../compose/sizes";
import { overlaid, STRATEGIES, type Demand, type Wish } from "./wish";

/** What stands for all services in what a program says by service. */
export const EVERY = "*";

type Services = Readonly<Record<string, Service>>;

/**
 * What the program and the file want for each service: the program's word for a service goes before
 * that for all, and that before the file's. Whatever is wrong is said with its place in front.
 */
export function readWishes(
  services: Services,
  given: unknown,
  secret: boolean,
): { readonly wishes: Readonly<Record<string, Wish>>; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const said = new Map<string, Wish>();
  if (isRecord(given)) {
    problems.push(...unknownServices(services, given));
    for (const [name, each] of Object.entries(given))
      said.set(name, new Reader(`place.${name}`, services, secret, problems).wish(each));
  } else if (given !== undefined && given !== null)
    problems.push("place: is no mapping of services.");
  const wishes = Object.entries(services).map(([name, { place = {} }]) => {
    const ofProgram = overlaid(said.get(EVERY) ?? {}, said.get(name) ?? {});
    return [name, overlaid(place, ofProgram)] as const;
  });
  return { wishes: Object.fromEntries(wishes), problems };
}

/** A name that is no service would be overlooked. */
export function unknownServices(services: Services, given: Readonly<Record<string, unknown>>) {
  const known = Object.keys(services);
  return Object.keys(given)
    .filter((name) => name !== EVERY && !known.includes(name))
    .map(
      (name) => `place.${name}: the file has no service '${name}'. It has: ${known.join(", ")}.`,
    );
}

const isRecord = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

const KEYS = ["strategy", "on", "near", "apart", "cpus", "memory"];

class Reader {
  constructor(
    private readonly at: string,
    private readonly services: Services,
    private readonly secret: boolean,
    private readonly problems: string[],
  ) {}

  wish(given: unknown): Wish {
    if (given === undefined || given === null) return {};
    if (!isRecord(given)) {
      this.#problem("", "is no mapping.");
      return {};
    }
    const { strategy, on, near, apart, cpus, memory } = given;
    const unknown = Object.keys(given).filter((key) => !KEYS.includes(key));
    for (const key of unknown)
      this.#problem(`.${key}`, `is not known. There is: ${KEYS.join(", ")}.`);
    return said({
      strategy: this.#strategy(strategy),
      on: this.#demands(on),
      near: this.#named("near", near),
      apart: this.#named("apart", apart),
      cpus: this.#cpus(cpus),
      memory: this.#memory(memory),
    });
  }

  #strategy(given: unknown): Wish["strategy"] {
    if (given === undefined) return undefined;
    const found = STRATEGIES.find((each) => each === given);
    if (found === undefined)
      this.#problem(".strategy", `is one of ${STRATEGIES.map((each) => `"${each}"`).join(", ")}.`);
    return found;
  }

  #demands(given: unknown): readonly Demand[] | undefined {
    if (given === undefined) return undefined;
    const entries = isRecord(given) ? Object.entries(given) : [];
    if (!isRecord(given) || entries.some(([, is]) => typeof is !== "string")) {
      this.#problem(".on", "maps labels to texts.");
      return undefined;
    }
    return entries.map(([label, is]) => ({
      ...{ label, is: is as string },
      ...(this.secret ? { secret: true as const } : {}),
    }));
  }

  #named(property: "near" | "apart", given: unknown): readonly string[] | undefined {
    if (given === undefined) return undefined;
    const names: unknown[] = Array.isArray(given) ? given : [given];
    const known = Object.keys(this.services);
    return names.filter((name): name is string => {
      const isKnown = typeof name === "string" && known.includes(name);
      if (!isKnown)
        this.#problem(
          `.${property}`,
          `the file has no service '${String(name)}'. It has: ${known.join(", ")}.`,
        );
      return isKnown;
    });
  }

  #cpus(given: unknown): number | undefined {
    if (given === undefined) return undefined;
    const value = readCpus(given);
    if (value === undefined) this.#problem(".cpus", "is a number above 0: 0.5 is half of one.");
    return value;
  }

  #memory(given: unknown): number | undefined {
    if (given === undefined) return undefined;
    const value = readMemory(given);
    if (value === undefined) this.#problem(".memory", SIZE_FORMS);
    return value;
  }

  #problem(property: string, reason: string): void {
    this.problems.push(`${this.at}${property}: ${reason}`);
  }
}

export const readCpus = (given: unknown): number | undefined =>
  typeof given === "number" && Number.isFinite(given) && given > 0 ? given : undefined;

/** Bytes, of a number of them or a text as Compose has it. */
export function readMemory(given: unknown): number | undefined {
  const bytes = typeof given === "string" ? parseSize(given) : readCpus(given);
  return bytes !== undefined && bytes > 0 ? bytes : undefined;
}

function said<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** Whether anything is said of where its replicas are to be. */
export const isWished = ({ place }: Pick<Service, "place">) => place !== undefined;

/** What tells a replica from all others of the stack. */
export const keyIn = (deployment: string, service: Service, index: number) =>
  `${deployment}/${labelOf(service)}-${index}`;
