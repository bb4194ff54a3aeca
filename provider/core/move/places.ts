import {
  isAnotherMachine,
  isSameMachine,
  isSameNow,
  machineInWords,
  type Machine,
  type MachineIds,
} from "../machine";
import { claimsOf, type Believed, type Findings } from "./findings";
import type { JournalEntry } from "./journal";

/**
 * Which machines the program's names lead to. A host is a machine: two names for one are one host,
 * and a name may lead to another machine than the last time.
 */
export interface Places {
  /** The one name that each machine goes by in this run. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** Every name that answered, with the one that its machine goes by. */
  readonly called: ReadonlyMap<string, string>;
}

/** @param preferred names that a machine goes by before any other, the first one first */
export function placesOf(
  answered: ReadonlyMap<string, Machine>,
  preferred: readonly string[],
): Places {
  const rank = (name: string) => {
    const at = preferred.indexOf(name);
    return at < 0 ? preferred.length : at;
  };
  const names = [...answered.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const machines = new Map<string, Machine>();
  const called = new Map<string, string>();
  for (const name of names) {
    const machine = answered.get(name) as Machine;
    const first = [...machines].find(([, other]) => isSameNow(machine, other))?.[0];
    if (first === undefined) machines.set(name, machine);
    called.set(name, first ?? name);
  }
  return { machines, called };
}

/**
 * The name that a machine goes by now; undefined when it is not among those that answer. `hint` is
 * the name that it had: a machine that only shares its own id with the one that is looked for is a
 * clone of it, unless it stands where that stood.
 */
export function whereIs(
  ids: MachineIds,
  hint: string,
  { machines, called }: Places,
): string | undefined {
  const candidates = [...machines].filter(([, machine]) => isSameMachine(ids, machine));
  const wholes = candidates.filter(([, { id, docker }]) => id === ids.id && docker === ids.docker);
  // A clone of its whole disk has both ids as well.
  const whole = wholes.find(([name]) => name === called.get(hint)) ?? wholes[0];
  const byDocker = candidates.find(([, { docker }]) => docker !== "" && docker === ids.docker);
  const there = candidates.find(([name]) => name === called.get(hint));
  const unlikely = candidates.filter(([, { docker }]) => docker !== "" && ids.docker !== "");
  const likely = candidates.find((each) => !unlikely.includes(each));
  return (whole ?? byDocker ?? there ?? likely)?.[0];
}

/** A journal names the other host of its move as the program called it then. */
export function inNamesOfNow(entry: JournalEntry, places: Places): JournalEntry {
  const { other, otherMachine } = entry;
  if (other === undefined) return entry;
  const now = nameOfNow(other, otherMachine, places);
  return now === other ? entry : { ...entry, other: now };
}

function nameOfNow(name: string, ids: MachineIds | undefined, places: Places): string {
  const called = places.called.get(name) ?? name;
  if (ids === undefined) return called;
  const found = whereIs(ids, name, places);
  if (found !== undefined) return found;
  const there = places.machines.get(called);
  return there !== undefined && isAnotherMachine(ids, there) ? nameOfLost(name, ids) : called;
}

/** No name of the program's: that of a machine whose name leads to another one now. */
function nameOfLost(name: string, ids: MachineIds): string {
  return `${name} as it was, ${machineInWords(ids)}`;
}

/**
 * State's belief in the names of now. A host that has what state knows of is the one, whatever its
 * ids say.
 */
export function believedNow(believed: Believed, findings: Findings, places: Places): Believed {
  const { host, epoch, machine } = believed;
  const called = places.called.get(host) ?? host;
  const moved = { ...believed, host: called };
  if (machine === undefined) return moved;
  const has = (name: string) =>
    claimsOf(findings).some((claim) => claim.host === name && claim.epoch >= epoch);
  const found = whereIs(machine, host, places);
  if (found !== undefined) return { ...believed, host: found };
  const there = places.machines.get(called);
  if (there === undefined || has(called) || !isAnotherMachine(machine, there)) return moved;
  const replaced = { name: called, known: machine, answers: there };
  return { ...believed, host: nameOfLost(host, machine), replaced };
}

/** Why a host that answers is not the one that state knows. */
export function replacedInWords({
  name,
  known,
  answers,
}: NonNullable<Believed["replaced"]>): string {
  return (
    `host '${name}' is another machine now: state knows it as ${machineInWords(known)}, and ${machineInWords(answers)} ` +
    "answers there, which has nothing of it"
  );
}
