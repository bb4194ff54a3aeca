import { isTrusting, type Connection } from "../core/connection";
import { containsUnknown } from "../core/unknown";
import { isPinnedToKey, keyOf, pinnedNow, rememberShownKey } from "./connections";
import type { Props } from "./handler";

/**
 * Kept beside the outputs of whatever reaches hosts: a run without the program (`destroy`,
 * `refresh`) has nothing else to hold a host to that was trusted at its first use.
 */
const KEYS = "trustedKeys";

/**
 * Before anything is done with what state keeps. The word of the host's own resource comes first.
 */
export function pinToKeys(state: Props): void {
  for (const { connection, key } of kept(state)) {
    if (!isPinnedToKey(connection)) rememberShownKey(connection, key);
  }
}

/**
 * The program pins another key than state has. State may go on with its connections as they are
 * (rotated keys are no change), and is to follow in this all the same: else nothing would let a
 * later `destroy` in.
 */
export function pinsAnother(state: Props): boolean {
  return kept(state).some(({ connection, key }) => (pinnedNow(connection) ?? key) !== key);
}

/** What is kept of them; nothing where no host is trusted at its first use. */
export function keysOf(outs: object): Props {
  const keys = trusting(outs).flatMap(([name, connection]) => {
    const key = keyOf(connection);
    return key === undefined ? [] : [[name, key] as const];
  });
  return keys.length === 0 ? {} : { [KEYS]: Object.fromEntries(keys) };
}

/** As they are in state: which hosts a refresh has met by now is an accident. */
function keysIn(state: Props): Props {
  return KEYS in state ? { [KEYS]: state[KEYS] } : {};
}

/** As they are in state, and those of hosts that a refresh has newly found something on. */
export function keysFound(outs: object, state: Props): Props {
  const before = (keysIn(state)[KEYS] ?? {}) as Props;
  const known = isObject(state["connections"]) ? state["connections"] : {};
  const all = (keysOf(outs)[KEYS] ?? {}) as Props;
  const met = Object.entries(all).filter(([name]) => !(name in known));
  const keys = { ...Object.fromEntries(met), ...before };
  return Object.keys(keys).length === 0 ? {} : { [KEYS]: keys };
}

/** Without what is no business of a handler's. */
export function withoutKeys(props: Props): Props {
  const { [KEYS]: _, ...rest } = props;
  return rest;
}

function kept(state: Props): { readonly connection: Connection; readonly key: string }[] {
  const keys = state[KEYS];
  if (!isObject(keys)) return [];
  return trusting(state).flatMap(([name, connection]) => {
    const key = (keys as Props)[name];
    return typeof key === "string" ? [{ connection, key }] : [];
  });
}

/** A host's own resource keeps its key itself (`shownKey`). */
function trusting(props: object): [string, Connection][] {
  const { connection, connections, shownKey } = props as Props;
  if (shownKey !== undefined) return [];
  const all = {
    ...(isObject(connections) ? connections : {}),
    ...(isObject(connection) ? { connection } : {}),
  };
  return Object.entries(all as Record<string, Connection>).filter(
    ([, each]) => isObject(each) && !containsUnknown(each) && isTrusting(each),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
