import { createHash } from "crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "fs";
import { FerryError } from "../../core/errors";
import { placeKey, type Connection } from "../../core/connection";
import type { Machine } from "../../core/machine";
import type { ImageState } from "../../core/adapter-ports";
import type { Endpoint } from "../ssh/failures";
import { fakeFolders } from "./fake-folders";
import { LOOK } from "../host/machine-facts";
import { builtInCommands, fakeMachineFacts, type FakeHandler } from "./fake-commands";
import { newFakeHost, type FakeFailure, type FakeFaults } from "./fake-state";
import type { FakeHost, FakeState } from "./fake-state";

export type FakeHook = (call: string, host: string) => void;

const IMAGE_BYTES = 2_000_000;

/** Hosts in memory: what the adapters of the ports do to hosts, done to plain data. */
export class FakeWorld {
  /**
   * Programs by name; a test may add its own or replace one. They serve `run`, `stream`, `exec` and
   * containers.
   */
  readonly commands = new Map<string, FakeHandler>(builtInCommands());
  /** Scripts by their whole text; one that is not here goes to the command `sh`. */
  readonly scripts = new Map<string, FakeHandler>([[LOOK, fakeMachineFacts], ...fakeFolders]);
  /**
   * Called around everything that is done to a host, by the name of the call; may throw, as an
   * accident would.
   */
  around: { before?: FakeHook; after?: FakeHook } = {};

  private constructor(
    private state: FakeState,
    private readonly path: string | undefined,
  ) {}

  /**
   * With a path, the world is kept in that JSON file: every change is there for the next process.
   */
  static open(path?: string): FakeWorld {
    return new FakeWorld({ hosts: {}, aliases: {}, places: {}, registry: {}, made: 0 }, path);
  }

  addHosts(...names: string[]): this {
    this.change((state) => {
      for (const name of names) state.hosts[name] ??= newFakeHost(name, newMachine(name));
    });
    return this;
  }

  /** One more name for the machine that a name leads to. */
  addName(name: string, of: string): this {
    this.change((state) => (state.aliases[name] = hostIn(state, of).name));
    return this;
  }

  /**
   * From now on a connection leads to this host, by whatever name it is opened, as SSH would have
   * it.
   */
  addPlace(connection: Connection, of: string): this {
    this.change((state) => (state.places[placeKey(connection)] = hostIn(state, of).name));
    return this;
  }

  /** Another machine stands under the name from now on, with nothing on it but the images. */
  replaceMachine(name: string): void {
    this.change((state) => {
      const { images } = hostIn(state, name);
      const machine = newMachine(FakeWorld.newId(state));
      state.hosts[name] = { ...newFakeHost(name, machine), images };
    });
  }

  /** The same machine with an empty disk, but for the images: its Docker is a new one. */
  wipeDisk(name: string): void {
    this.change((state) => {
      const host = hostIn(state, name);
      const machine = { ...newMachine(FakeWorld.newId(state)), id: host.machine.id };
      Object.assign(host, { containers: [], volumes: [], files: {}, extra: {}, machine });
    });
  }

  /** Puts an image on hosts, or into the registry when no host is named. */
  addImage(reference: string, ...hosts: string[]): this {
    const image: ImageState = {
      id: `sha256:${digest(reference)}`,
      sizeBytes: IMAGE_BYTES,
      architecture: "amd64",
    };
    this.change((state) => {
      if (hosts.length === 0) state.registry[reference] = image;
      for (const name of hosts) hostIn(state, name).images[reference] = image;
    });
    return this;
  }

  /** Sets or, with `undefined` or false, mends what is wrong with a host. */
  setFaults(name: string, faults: FakeFaults): void {
    this.change((state) => Object.assign(hostIn(state, name).faults, faults));
  }

  /** The next call of a port's method fails; with `when: "after"`, only after it was done. */
  failNext(name: string, failure: Pick<FakeFailure, "call"> & Partial<FakeFailure>): void {
    const whole = { when: "before", reason: "a fault was asked for", ...failure } as const;
    this.change((state) => hostIn(state, name).failures.push(whole));
  }

  /** As it is now; what a caller does to the copy changes nothing. */
  host(name: string): FakeHost {
    return structuredClone(hostIn(this.current(), name));
  }

  /** The world's own name for the host that a connection leads to. */
  nameOf(endpoint: Endpoint): string {
    return hostAt(this.current(), endpoint).name;
  }

  /** Runs one change to its end and keeps the world, whatever else goes on. */
  change<T>(work: (state: FakeState) => T): T {
    const state = this.current();
    try {
      return work(state);
    } finally {
      this.keep(state);
    }
  }

  /** An id as Docker's: 64 hexadecimal digits. */
  static newId(state: FakeState): string {
    state.made += 1;
    return digest(`fake ${state.made}`);
  }

  private current(): FakeState {
    if (this.path !== undefined && existsSync(this.path)) {
      this.state = JSON.parse(readFileSync(this.path, "utf8")) as FakeState;
    }
    return this.state;
  }

  private keep(state: FakeState): void {
    this.state = state;
    if (this.path === undefined) return;
    const temporary = `${this.path}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(state));
    renameSync(temporary, this.path);
  }
}

/** The host that a connection leads to: by its place when the world knows that, else by name. */
export function hostAt(state: FakeState, { name, settings }: Endpoint): FakeHost {
  return hostIn(state, state.places[placeKey(settings)] ?? name);
}

export function hostIn(state: FakeState, name: string): FakeHost {
  const host = state.hosts[state.aliases[name] ?? name];
  if (host) return host;
  const reason = `opening host '${name}' failed: the fake world has no such host. Add it.`;
  throw new FerryError({ kind: "settings", host: name, reason });
}

function newMachine(seed: string): Machine {
  const part = (name: string, length: number) => digest(`${name} of ${seed}`).slice(0, length);
  return { id: part("id", 32), docker: part("docker", 36), boot: part("boot", 36) };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
