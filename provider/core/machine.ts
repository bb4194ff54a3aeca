/**
 * A host as a machine, whatever the program calls it. Either id may be "": not every system has a
 * machine-id (Alpine has none), and not every engine tells its own. What is unknown is neither
 * equal nor different.
 */
export interface Machine {
  /** /etc/machine-id. Machines cloned from one image may share it. */
  readonly id: string;
  /** Docker's own id, which lives with its data: another one after its disk was wiped. */
  readonly docker: string;
  /** Of the running kernel: new with every boot, and shared by containers that play hosts. */
  readonly boot: string;
}

/** What is kept of a machine from run to run. */
export type MachineIds = Pick<Machine, "id" | "docker">;

/**
 * One of the ids is the same: the machine that was known, though its Docker or its system may be
 * new.
 */
export function isSameMachine(one: MachineIds, other: MachineIds): boolean {
  return isEqual(one.id, other.id) || isEqual(one.docker, other.docker);
}

/**
 * All that is known of both differs, and something is. Where nothing can be compared, it is not
 * said to be another.
 */
export function isAnotherMachine(one: MachineIds, other: MachineIds): boolean {
  const comparable = isKnown(one.id, other.id) || isKnown(one.docker, other.docker);
  return comparable && !isSameMachine(one, other);
}

/**
 * Two names that lead to one machine at this moment. Stricter than `isSameMachine`, as clones share
 * ids, and containers the boot: no part may differ, and one of the ids has to say so.
 */
export function isSameNow(one: Machine, other: Machine): boolean {
  const { id, docker } = one;
  const differs = (mine: string, its: string) => isKnown(mine, its) && mine !== its;
  return (
    isEqual(one.boot, other.boot) &&
    isSameMachine(one, other) &&
    !differs(id, other.id) &&
    !differs(docker, other.docker)
  );
}

/** "machine 0f3c... (Docker 7a1b...)", as a message tells one from another. */
export function machineInWords({ id, docker }: MachineIds): string {
  const short = (text: string) => (text === "" ? "unknown" : text.slice(0, 12));
  return `machine ${short(id)} (Docker ${short(docker)})`;
}

/** Reads "id=..." and "boot=..." out of lines, whatever else stands between them. */
export function machineFrom(printed: string, docker: string): Machine {
  const value = (name: string, form: RegExp) =>
    printed
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith(`${name}=`))
      .map((line) => line.slice(name.length + 1).toLowerCase())
      .find((text) => form.test(text)) ?? "";
  return {
    id: value("id", /^[0-9a-f]{32}$/),
    docker: docker.trim(),
    boot: value("boot", /^[0-9a-f-]{32,36}$/),
  };
}

function isKnown(one: string, other: string): boolean {
  return one !== "" && other !== "";
}

function isEqual(one: string, other: string): boolean {
  return one !== "" && one === other;
}
