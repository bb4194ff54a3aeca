import { FerryError } from "../../core/errors";
import type { DatapathFacts } from "../../core/weave/fast-datapath";
import { weaveMissing, type Weave } from "../../core/weave/port";
import type { PeerConnection, RouterReport } from "../../core/weave/report";
import type { RouterContainer } from "../../core/weave/router-container";
import {
  normaliseTarget,
  routerSettings,
  WEAVE_PORT,
  type LaunchSettings,
} from "../../core/weave/settings";
import { quorumOf } from "../../core/weave/topology";

/** The network between fake routers: who reaches whom, and whether Weave's range has been divided. */
export class FakeNetwork {
  readonly hosts = new Map<string, FakeWeave>();
  /** Addresses that nobody reaches. */
  readonly cutOff = new Set<string>();
  /** The electors' agreement; survives any one router. */
  agreed = false;

  add(name: string, address: string, version: string | undefined = "2.6.5"): FakeWeave {
    const weave = new FakeWeave(this, name, address, version);
    this.hosts.set(address, weave);
    return weave;
  }

  running(): FakeWeave[] {
    return [...this.hosts.values()].filter((weave) => weave.isRunning);
  }
}

/** A router that behaves as the real one was measured to (test/contracts/weave-contract.ts holds for both). */
export class FakeWeave implements Weave {
  hasSystemd = true;
  keptSwept = false;
  /** Names of the calls that changed the router, in order. */
  readonly calls: string[] = [];
  isRunning = false;
  #settings: LaunchSettings | undefined;
  #targets = new Set<string>();

  constructor(
    private readonly network: FakeNetwork,
    readonly host: string,
    readonly address: string,
    /** undefined: no weave command on the host. */
    public commandVersion: string | undefined,
  ) {}

  get peerName(): string {
    return this.#settings?.peerName ?? derivedName(this.host);
  }

  keepSwept(): Promise<boolean> {
    this.keptSwept = this.hasSystemd;
    return Promise.resolve(this.hasSystemd);
  }

  version(): Promise<string | undefined> {
    return Promise.resolve(this.commandVersion);
  }

  datapath(): Promise<DatapathFacts> {
    return Promise.resolve({ openVSwitch: false, bridge: this.#settings ? "bridge" : "none" });
  }

  router(password?: string): Promise<RouterContainer | undefined> {
    if (this.#settings === undefined) return Promise.resolve(undefined);
    const own = this.#settings.password;
    return Promise.resolve({
      status: this.isRunning ? "running" : "exited",
      settings: routerSettings(this.#settings),
      password: own === undefined ? "none" : own === password ? "same" : "other",
    });
  }

  report(): Promise<RouterReport | undefined> {
    if (!this.isRunning || this.#settings === undefined) return Promise.resolve(undefined);
    const others = this.network
      .running()
      .filter((other) => other !== this && this.isJoinedWith(other));
    return Promise.resolve({
      version: this.commandVersion ?? "",
      peerName: this.peerName,
      nickname: this.#settings.nickname ?? this.host,
      encrypted: this.#settings.password !== undefined,
      targets: [...this.#targets].sort(),
      connections: [...others.map((other) => this.established(other)), ...this.failed(others)],
      establishedWith: others.map((other) => other.peerName).sort(),
      ipam: {
        range: this.#settings.ipallocRange,
        ready: this.network.agreed,
        shares: this.network.agreed
          ? [{ peerName: this.peerName, nickname: this.host, addresses: 1024, reachable: true }]
          : [],
      },
      dnsDomain: this.#settings.dnsDomain ?? "weave.local",
    });
  }

  launch(settings: LaunchSettings): Promise<void> {
    return this.changing("launch", () => {
      const failed = `Launching Weave's router failed on host '${this.host}':`;
      if (this.isRunning)
        throw new FerryError(`${failed} weave is already running. It was left as it is.`);
      if (
        settings.peerName !== undefined &&
        !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(settings.peerName)
      ) {
        throw new FerryError(
          `${failed} invalid peer name format: "${settings.peerName}". No router runs there now.`,
        );
      }
      this.#settings = settings;
      this.#targets = new Set(settings.targets.map(normaliseTarget));
      this.isRunning = true;
    });
  }

  stop(): Promise<void> {
    return this.changing("stop", () => {
      this.isRunning = false;
    });
  }

  connect(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return Promise.resolve();
    return this.changing("connect", () => {
      this.refuseStopped("Connecting");
      for (const target of targets) this.#targets.add(normaliseTarget(target));
    });
  }

  forget(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return Promise.resolve();
    return this.changing("forget", () => {
      this.refuseStopped("Forgetting");
      for (const target of targets) this.#targets.delete(normaliseTarget(target));
    });
  }

  prime(_timeoutSeconds: number): Promise<boolean> {
    return this.changing("prime", () => {
      this.refuseStopped("Priming");
      const joined = this.network
        .running()
        .filter((other) => other === this || this.isJoinedWith(other));
      this.network.agreed ||= joined.length >= quorumOf(this.#settings?.electors ?? 1);
      return this.network.agreed;
    });
  }

  reset(): Promise<void> {
    return this.changing("reset", () => {
      this.isRunning = false;
      this.keptSwept = false;
      this.#settings = undefined;
      this.#targets.clear();
      if (this.network.running().length === 0) this.network.agreed = false;
    });
  }

  private isJoinedWith(other: FakeWeave): boolean {
    const dialled = this.#targets.has(other.address) || other.#targets.has(this.address);
    return dialled && this.refusal(other) === undefined;
  }

  /** Weave's own words, as measured. */
  private refusal(other: FakeWeave): string | undefined {
    if (
      !other.isRunning ||
      this.network.cutOff.has(other.address) ||
      this.network.cutOff.has(this.address)
    ) {
      return `dial tcp :0->${other.address}:${WEAVE_PORT}: connect: connection refused`;
    }
    if (this.peerName === other.peerName) return "peer names collision";
    const [own, theirs] = [this.#settings?.password, other.#settings?.password];
    if (own === theirs) return undefined;
    if (own === undefined)
      return "no password specificed, but peer requested an encrypted connection";
    if (theirs === undefined)
      return "password specified, but peer requested an unencrypted connection";
    return "read: connection reset by peer";
  }

  private established(other: FakeWeave): PeerConnection {
    const outbound = this.#targets.has(other.address);
    const address = `${other.address}:${outbound ? WEAVE_PORT : 40_000}`;
    return {
      address,
      outbound,
      state: "established",
      info: `sleeve ${other.peerName}(${other.host})`,
    };
  }

  private failed(others: readonly FakeWeave[]): PeerConnection[] {
    const joined = new Set(others.map(({ address }) => address));
    return [...this.#targets]
      .filter((target) => !joined.has(target))
      .map((target) => {
        const other = this.network.hosts.get(target);
        const reason = other ? this.refusal(other) : "connect: no route to host";
        const info = `${reason ?? ""}, retry: 2020-01-01 00:00:00 +0000 UTC m=+9.7`;
        return { address: `${target}:${WEAVE_PORT}`, outbound: true, state: "failed", info };
      });
  }

  private refuseStopped(what: string): void {
    if (this.isRunning) return;
    throw new FerryError(`${what} failed on host '${this.host}': weave container is not running.`);
  }

  private changing<T>(name: string, act: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.commandVersion === undefined && name !== "reset") {
        throw new FerryError(weaveMissing(this.host));
      }
      this.calls.push(name);
      return act();
    });
  }
}

/** As Weave derives one from the machine: fixed, and different for each host. */
function derivedName(host: string): string {
  let sum = 7;
  for (const byte of Buffer.from(host)) sum = (sum * 31 + byte) % 0xffffff;
  const hex = sum.toString(16).padStart(6, "0");
  return `02:00:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
}
