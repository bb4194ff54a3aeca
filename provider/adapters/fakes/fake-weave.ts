import { FerryError } from "../../core/errors";
import type { DatapathFacts } from "../../core/weave/fast-datapath";
import { confText, type BootExtras } from "../../core/weave/boot-unit";
import { weaveMissing, type BootOutcome, type BootState } from "../../core/weave/port";
import type { ResetOptions, Weave } from "../../core/weave/port";
import type { RemovedPeer } from "../../core/weave/removed";
import type { PeerConnection, RouterReport } from "../../core/weave/report";
import type { RouterContainer } from "../../core/weave/router-container";
import {
  normaliseTarget,
  routerSettings,
  WEAVE_PORT,
  type LaunchSettings,
} from "../../core/weave/settings";
import { quorumOf } from "../../core/weave/topology";
import { FakeRing } from "./fake-ring";

/** The network between fake routers: who reaches whom, and whether Weave's range has been divided. */
export class FakeNetwork {
  readonly hosts = new Map<string, FakeWeave>();
  /** Addresses that nobody reaches. */
  readonly cutOff = new Set<string>();
  /** The electors' agreement; survives any one router. */
  readonly ring = new FakeRing();

  get agreed(): boolean {
    return this.ring.divided;
  }

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
  /** Images that a registry would have to give; `setup` fetches them. */
  readonly missingImages = new Set<string>();
  /** What keeps the next launches from coming up, in Weave's words. */
  launchFails: string | undefined;
  /** Somebody else's file in the way of the unit for the boot. */
  foreignBootFile: string | undefined;
  bootConf: string | undefined;
  #settings: LaunchSettings | undefined;
  #targets = new Set<string>();
  readonly #fetched = new Set<string>();
  readonly #exposed = new Set<string>();
  readonly #names = new Map<string, Set<string>>();
  readonly #removed = new Map<string, RemovedPeer>();

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
      imageVersion: this.#settings.imageVersion ?? this.commandVersion ?? "latest",
      fastDatapath: false,
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
        ready: this.network.ring.divided,
        shares: this.network.ring.shares(
          (peerName) =>
            peerName === this.peerName || others.some((other) => other.peerName === peerName),
        ),
      },
      dnsDomain: this.#settings.dnsDomain ?? "weave.local",
      externalNames: [...this.#names]
        .map(([name, addresses]) => ({ name, addresses: [...addresses].sort() }))
        .sort((x, y) => (x.name < y.name ? -1 : 1)),
    });
  }

  launch(settings: LaunchSettings): Promise<void> {
    return this.changing("launch", () => {
      const failed = `Launching Weave's router failed on host '${this.host}':`;
      if (this.isRunning)
        throw new FerryError(`${failed} weave is already running. It was left as it is.`);
      const cause = this.deathOf(settings);
      if (cause !== undefined)
        throw new FerryError(`${failed} ${cause}. No router runs there now.`);
      this.start(settings);
    });
  }

  relaunch(settings: LaunchSettings): Promise<void> {
    return this.changing("relaunch", () => {
      const cause = this.deathOf(settings);
      if (cause !== undefined) {
        this.isRunning = this.#settings !== undefined;
        const state = this.isRunning
          ? "The router runs again with its former settings"
          : "No router runs there now";
        throw new FerryError(
          `Launching Weave's router with other settings failed on host '${this.host}': ${cause}. ${state}; put that ` +
            "right and run again.",
        );
      }
      this.start(settings);
    });
  }

  private deathOf({ peerName }: LaunchSettings): string | undefined {
    if (peerName !== undefined && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(peerName))
      return `invalid peer name format: "${peerName}"`;
    return this.launchFails;
  }

  private start(settings: LaunchSettings): void {
    this.#settings = settings;
    this.#targets = new Set(settings.targets.map(normaliseTarget));
    this.#names.clear();
    this.isRunning = true;
    const { seed } = settings;
    if (seed !== undefined) {
      const named = seed.map((peerName) => ({ peerName, nickname: "" }));
      this.network.ring.divide(settings.ipallocRange, named);
    }
  }

  setup(version = this.commandVersion ?? "latest"): Promise<readonly string[]> {
    return this.changing("setup", () => {
      const images = [`weaveworks/weave:${version}`, `weaveworks/weaveexec:${version}`];
      const fetched = images.filter((image) => this.missingImages.delete(image));
      for (const image of fetched) this.#fetched.add(image);
      return fetched;
    });
  }

  async rmpeer(removed: RemovedPeer): Promise<number> {
    await this.markRemoved([removed]);
    return this.changing("rmpeer", () => {
      this.refuseStopped("Taking over a share");
      return this.network.ring.takeOver(removed.peerName, this.own());
    });
  }

  removedPeers(): Promise<readonly RemovedPeer[]> {
    return Promise.resolve(
      [...this.#removed.values()].sort((a, b) => (a.peerName < b.peerName ? -1 : 1)),
    );
  }

  markRemoved(peers: readonly RemovedPeer[]): Promise<void> {
    for (const peer of peers) {
      if (!this.#removed.has(peer.peerName)) this.#removed.set(peer.peerName, peer);
    }
    return Promise.resolve();
  }

  unmarkRemoved(peerNames: readonly string[]): Promise<void> {
    for (const peerName of peerNames) this.#removed.delete(peerName);
    return Promise.resolve();
  }

  expose(cidrs: readonly string[], _name?: string): Promise<readonly string[]> {
    return this.changing("expose", () => {
      this.refuseStopped("Giving the host an address on the overlay");
      const range = this.#settings?.ipallocRange ?? "";
      const own = range.replace(/\d+\//, `${this.address.split(".").at(-1) ?? "1"}/`);
      const given = cidrs.length === 0 ? [own] : cidrs;
      for (const cidr of given) this.#exposed.add(cidr);
      return given;
    });
  }

  hide(cidrs: readonly string[]): Promise<void> {
    if (!cidrs.some((cidr) => this.#exposed.has(cidr))) return Promise.resolve();
    return this.changing("hide", () => {
      for (const cidr of cidrs) this.#exposed.delete(cidr);
    });
  }

  exposed(): Promise<readonly string[]> {
    return Promise.resolve([...this.#exposed].sort());
  }

  dnsAdd(name: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return Promise.resolve();
    return this.changing("dnsAdd", () => {
      this.refuseStopped("Naming");
      const named = this.#names.get(name) ?? new Set();
      for (const address of addresses) named.add(address);
      this.#names.set(name, named);
    });
  }

  dnsRemove(name: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return Promise.resolve();
    return this.changing("dnsRemove", () => {
      this.refuseStopped("Taking a name");
      const named = this.#names.get(name);
      for (const address of addresses) named?.delete(address);
      if (named?.size === 0) this.#names.delete(name);
    });
  }

  async keepAtBoot(settings: LaunchSettings, extras?: BootExtras): Promise<BootOutcome> {
    const state = await this.atBoot(settings, extras);
    if (state === "unsupported") {
      return { launchesAtBoot: false, reason: `Host '${this.host}' has no systemd.` };
    }
    if (state === "foreign") {
      const reason = `Host '${this.host}' has ${this.foreignBootFile ?? ""} already, and it is not Ferry's.`;
      return { launchesAtBoot: false, reason };
    }
    this.bootConf = confText(settings, this.commandVersion ?? "", extras);
    return { launchesAtBoot: true };
  }

  atBoot(settings: LaunchSettings, extras?: BootExtras): Promise<BootState> {
    const wanted = confText(settings, this.commandVersion ?? "", extras);
    if (!this.hasSystemd) return Promise.resolve("unsupported");
    if (this.foreignBootFile !== undefined) return Promise.resolve("foreign");
    if (this.bootConf === undefined) return Promise.resolve("none");
    return Promise.resolve(this.bootConf === wanted ? "current" : "outdated");
  }

  forgetAtBoot(): Promise<void> {
    this.bootConf = undefined;
    return Promise.resolve();
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
      const electors = joined.filter((each) => each.isElector);
      if (electors.length >= quorumOf(this.#settings?.electors ?? 1)) {
        const range = this.#settings?.ipallocRange ?? "";
        this.network.ring.divide(
          range,
          electors.map((each) => each.own()),
        );
      }
      return this.network.agreed;
    });
  }

  reset({ handBack = true }: ResetOptions = {}): Promise<void> {
    return this.changing("reset", () => {
      const { ring } = this.network;
      const others = this.network.running().filter((other) => other !== this);
      const heirs = others.filter((other) => this.isJoinedWith(other));
      if (this.#settings !== undefined && !ring.takenFrom.has(this.peerName)) {
        // Cut off from those that stay, it reaches nobody who could be given the share.
        const heir = handBack && this.isRunning ? heirs[0] : undefined;
        if (heir !== undefined || others.length === 0) ring.handBack(this.peerName, heir?.own());
      }
      ring.takenFrom.delete(this.peerName);
      this.isRunning = false;
      this.keptSwept = false;
      this.bootConf = undefined;
      this.#settings = undefined;
      this.#targets.clear();
      this.#exposed.clear();
      this.#names.clear();
      this.#removed.clear();
      for (const image of this.#fetched) this.missingImages.add(image);
      this.#fetched.clear();
    });
  }

  private get isElector(): boolean {
    return this.#settings?.observer !== true;
  }

  private own() {
    return { peerName: this.peerName, nickname: this.#settings?.nickname ?? this.host };
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
    const { takenFrom } = this.network.ring;
    if (takenFrom.has(this.peerName) || takenFrom.has(other.peerName))
      return "Received update for IP range I own at 10.32.0.0 v2: incoming message says owner another one v3";
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
