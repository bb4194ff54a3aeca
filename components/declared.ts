import { mistake } from "../provider/resources/mistake";

/** What a program has declared by names, as it is looked up by a program. */
export type ByName<T> = Readonly<Record<string, T>>;

/** Says that a name is not there, and which are. */
type Missing = (name: string, names: readonly string[]) => string;

const sayings = new WeakMap<object, Missing>();

/**
 * A name that is not there is the program's mistake, and is told as such: `undefined` would fail a
 * line further on, in words of JavaScript's.
 */
export function declared<T>(of: Record<string, T>, missing: Missing): ByName<T> {
  const looked = new Proxy(of, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (value === undefined && isAName(name)) throw mistake(missing(name, Object.keys(target)));
      return value;
    },
  });
  sayings.set(looked, missing);
  return looked;
}

/** Under any name, such as every object has among them. */
export function lookUp<T>(of: ByName<T>, name: string): T {
  if (Object.hasOwn(of, name)) return of[name] as T;
  const missing = sayings.get(of) ?? ((other) => `There is no '${other}'.`);
  throw mistake(missing(name, Object.keys(of)));
}

/** What the SDK, a logger or a test asks any object for is not taken for the name of a service. */
function isAName(name: string | symbol): name is string {
  return typeof name === "string" && /^[a-z0-9][a-z0-9_.-]*$/.test(name) && !ASKED_OF_ANY.has(name);
}

const ASKED_OF_ANY = new Set(["then", "length", "size", "inspect", "constructor"]);
