import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { FakeHost } from "../../provider/adapters/fakes/fake-state";
import type { Connections } from "../../provider/core/connection";
import { FerryError } from "../../provider/core/errors";
import { LABELS } from "../../provider/core/identity";
import type { OnSourceLost } from "../../provider/core/replica/move-settings";
import type { KeptReplica, ReplicaState } from "../../provider/core/replica/model";
import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, IMAGE, program, REPLICA } from "./replica-fixture";

export const NAMES = ["n1", "n2", "n3"];
export const MACHINES = ["m1", "m2", "m3", "m4"];

/**
 * What may become of names, machines, disks and state between two runs, and the runs themselves.
 */
export type Event =
  | { readonly kind: "up"; readonly host: string; readonly choice: OnSourceLost }
  | { readonly kind: "refresh" }
  | { readonly kind: "lose state" }
  /**
   * Two names of the program's lead to one another's machines, or a name to a machine that had
   * none.
   */
  | { readonly kind: "names swap"; readonly one: string; readonly other: string }
  | { readonly kind: "rename"; readonly name: string }
  | { readonly kind: "another machine"; readonly name: string; readonly machine: string }
  | { readonly kind: "rebuilt"; readonly machine: string }
  | { readonly kind: "empty disk"; readonly machine: string }
  | { readonly kind: "power"; readonly machine: string };

/**
 * A replica, the engine's state of it, and a client that writes one number after the other into
 * whichever copy serves. Every single call of a run is looked at: who runs, and what a copy that
 * starts has.
 */
export class HostsWorld {
  readonly world = FakeWorld.open()
    .addHosts(...MACHINES)
    .addImage(IMAGE, ...MACHINES);
  readonly #it = fakeReplica(this.world);
  /** Which machine a name of the program's leads to. */
  #names = new Map(NAMES.map((name, at) => [name, MACHINES[at]!]));
  #renamed = 0;
  #state: { inputs: KeptReplica; outs: ReplicaState; failed: boolean } | undefined;
  /** Another one begins whenever the user decides that what was newest is lost. */
  #history = 1;
  /** The highest number that was acknowledged in it. */
  #latest = 0;
  /**
   * Machines of which the user has said that they are lost: what runs there is not Ferry's to
   * answer for until seen.
   */
  readonly #given = new Set<string>();
  readonly wrong: string[] = [];
  #running = new Set<string>();
  #chosen = false;
  ups = 0;

  constructor() {
    for (const machine of MACHINES) this.world.addPlace({ host: machine }, machine);
  }

  async happens(event: Event): Promise<void> {
    switch (event.kind) {
      case "up":
        return this.#up(event.host, event.choice);
      case "refresh":
        return this.#refresh();
      case "lose state":
        this.#state = undefined;
        return;
      case "names swap": {
        const [one, other] = [this.#name(event.one), this.#name(event.other)];
        const [a, b] = [this.#names.get(one)!, this.#names.get(other)!];
        this.#names.set(one, b).set(other, a);
        return;
      }
      case "rename": {
        const name = this.#name(event.name);
        const machine = this.#names.get(name)!;
        this.#names.delete(name);
        this.#names.set(`${name[0]!}${name[1]!}-${++this.#renamed}`, machine);
        return;
      }
      case "another machine":
        if (![...this.#names.values()].includes(event.machine)) {
          this.#names.set(this.#name(event.name), event.machine);
        }
        return;
      case "rebuilt":
        this.world.replaceMachine(this.#machine(event.machine));
        break;
      case "empty disk":
        this.world.wipeDisk(this.#machine(event.machine));
        break;
      case "power":
        this.#power(this.#machine(event.machine));
    }
    this.#running = new Set(this.#runningNow());
  }

  /** A name may have been changed since: it begins as it did. */
  #name(name: string): string {
    return [...this.#names.keys()].find((each) => each.startsWith(name)) ?? name;
  }

  /** "its": the one that it runs on. */
  #machine(machine: string): string {
    return machine === "its" ? (this.#runningNow()[0]?.split(" ")[0] ?? "m1") : machine;
  }

  #power(machine: string): void {
    this.world.change(({ hosts }) => {
      const host = hosts[machine]!;
      const down = host.faults.down !== true;
      host.faults.down = down;
      for (const container of host.containers) {
        if (down && container.status === "running") container.status = "exited";
        if (!down && container.restart.name === "always") container.status = "running";
      }
    });
  }

  /** Nobody can know of what is on a machine that no name leads to, or that does not answer. */
  #hidden(): boolean {
    const named = new Set(this.#names.values());
    return MACHINES.some((machine) => {
      const { faults, containers, volumes } = this.world.host(machine);
      const has = containers.length + volumes.length > 0;
      return has && (faults.down === true || !named.has(machine));
    });
  }

  #isKnown(): boolean {
    return MACHINES.some((machine) => {
      const { containers, volumes, files } = this.world.host(machine);
      const ours = volumes.some(({ labels }) => labels[LABELS.volume] !== undefined);
      return containers.length > 0 || ours || Object.keys(files).length > 0;
    });
  }

  async #up(wanted: string, choice: OnSourceLost): Promise<void> {
    if (this.#state === undefined && this.#hidden()) return;
    const connections: Connections = Object.fromEntries(
      [...this.#names].map(([name, host]) => [name, { host, privateKey: "k", hostKey: "h" }]),
    );
    const change = { connections, ...(choice === "fail" ? {} : { onSourceLost: choice }) };
    const olds = this.#state?.inputs ?? {};
    const { inputs } = this.#it.handler.check(olds, { ...program(this.#name(wanted), change) });
    const changed = JSON.stringify(inputs) !== JSON.stringify(olds) || this.#state?.failed;
    if (!changed) return;
    const before = this.#best();
    // Neither state nor any host knows of it: it begins anew, and nothing else can be asked for.
    if (this.#state === undefined && !this.#isKnown()) this.#newHistory();
    this.#chosen = false;
    const warned = this.#it.warned.length;
    this.world.around = { before: () => this.#look(warned), after: () => this.#look(warned) };
    try {
      const outs =
        this.#state === undefined
          ? (await this.#it.handler.create(inputs)).outs
          : await this.#it.handler.update(REPLICA, this.#state.outs, inputs);
      this.#state = { inputs, outs, failed: false };
      this.ups += 1;
    } catch (error) {
      if (error instanceof PartialStateError) {
        this.#state = { inputs, outs: error.outs as ReplicaState, failed: true };
      } else if (!(error instanceof FerryError)) throw error;
    } finally {
      this.world.around = {};
    }
    const after = this.#best();
    for (const [history, number] of before) {
      const left = after.get(history) ?? 0;
      if (left < number) this.wrong.push(`of history ${history}, ${left} of ${number} is left`);
    }
  }

  async #refresh(): Promise<void> {
    if (this.#state === undefined) return;
    const found = await this.#it.handler.read(REPLICA, this.#state.outs);
    if (found === undefined) this.#state = undefined;
    else this.#state = { ...found, inputs: found.inputs!, failed: this.#state.failed };
  }

  #newHistory(): void {
    this.#history += 1;
    this.#latest = 0;
  }

  /**
   * By history, the highest number that any volume on any disk has, those that were put aside
   * included.
   */
  #best(): Map<number, number> {
    const best = new Map<number, number>();
    for (const machine of MACHINES) {
      for (const volume of this.world.host(machine).volumes) {
        for (const [history, number] of numbersIn(volume)) {
          best.set(history, Math.max(number, best.get(history) ?? 0));
        }
      }
    }
    return best;
  }

  #runningNow(): string[] {
    return MACHINES.flatMap((machine) =>
      instancesOn(this.world.host(machine)).map(({ id }) => `${machine} ${id}`),
    );
  }

  #look(warned: number): void {
    if (
      !this.#chosen &&
      this.#it.warned.slice(warned).some((line) => /; it starts on '/.test(line))
    ) {
      this.#chosen = true;
      this.#newHistory();
      const running = new Set(this.#runningNow().map((each) => each.split(" ")[0]!));
      for (const machine of MACHINES) {
        const down = this.world.host(machine).faults.down === true;
        if (down || running.has(machine)) this.#given.add(machine);
      }
    }
    this.world.change(({ hosts }) => {
      const up = MACHINES.flatMap((machine) =>
        instancesOn(hosts[machine]!).map((copy) => ({ machine, copy })),
      );
      for (const machine of this.#given) {
        if (instancesOn(hosts[machine]!).length === 0 && hosts[machine]!.faults.down !== true) {
          this.#given.delete(machine);
        }
      }
      const ours = up.filter(({ machine }) => !this.#given.has(machine));
      if (ours.length > 1) {
        this.wrong.push(`two copies run: ${ours.map(({ machine }) => machine).join()}`);
      }
      for (const { machine, copy } of ours) {
        const volume = hosts[machine]!.volumes.find(({ name }) => name === "apples_data")!;
        const key = `${machine} ${copy.id}`;
        if (!this.#running.has(key)) {
          const has = numbersIn(volume).get(this.#history) ?? 0;
          if (has < this.#latest) {
            this.wrong.push(`a copy with ${has} of ${this.#latest} was started on ${machine}`);
          }
        }
        if (copy.inboundBlocked === true) continue;
        this.#latest += 1;
        const numbers = [...numbersIn(volume).set(this.#history, this.#latest)];
        const content = Buffer.from(JSON.stringify(numbers)).toString("base64");
        volume.files["numbers"] = { content, mode: 0o644 };
      }
      this.#running = new Set(up.map(({ machine, copy }) => `${machine} ${copy.id}`));
    });
  }
}

function instancesOn({ containers }: FakeHost) {
  return containers.filter(
    ({ request, status }) => request.labels[LABELS.replica] === REPLICA && status === "running",
  );
}

/** By history, up to which number a volume has it. */
function numbersIn({ files }: FakeHost["volumes"][number]): Map<number, number> {
  const file = files["numbers"];
  const text = file === undefined ? "[]" : Buffer.from(file.content, "base64").toString();
  return new Map(JSON.parse(text) as [number, number][]);
}
