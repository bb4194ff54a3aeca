import { FerryError } from "../../../core/errors";
import type { BootExposures } from "../../../core/weave/boot-unit";
import type { DatapathFacts } from "../../../core/weave/fast-datapath";
import type { BootOutcome, BootState, ResetOptions, Weave } from "../../../core/weave/weave-port";
import { collectorWords, weaveMissing } from "../../../core/weave/weave-port";
import type { RouterOrigin } from "../../../core/weave/origin";
import type { RemovedPeer } from "../../../core/weave/removed";
import type { RouterReport } from "../../../core/weave/report";
import type { RouterContainer } from "../../../core/weave/router-container";
import type { RouterTrouble } from "../../../core/weave/router-trouble";
import { normaliseTarget, type LaunchSettings } from "../../../core/weave/settings";
import { fakeBootState, keepAtFakeBoot } from "./fake-boot";
import { divideAsSeeded, divideByQuorum, leaveRing } from "./fake-ipam";
import { FakeLinks } from "./fake-links";
import { FakeRemovedPeers } from "./fake-removed-peers";
import { fakeContainer, fakeReport } from "./fake-report";
import { FakeRouter, refusedSettings } from "./fake-router";

/** The network between fake hosts. */
export class FakeNetwork extends FakeLinks<FakeWeave> {
  add(name: string, address: string, version: string | undefined = "2.6.5"): FakeWeave {
    const weave = new FakeWeave(this, name, address, version);
    this.hosts.set(address, weave);
    return weave;
  }
}

/**
 * A router that behaves as the real one was measured to (test/contracts/weave-contract.ts holds for
 * both).
 */
export class FakeWeave extends FakeRouter implements Weave {
  hasSystemd = true;
  /** Its router dies of something each time that Docker starts it, until it is launched anew. */
  dying: RouterTrouble | undefined;
  linksCollected = false;
  /** How the unit that collects dead links is, in systemd's words, while it is not at work. */
  collectorDied: string | undefined;
  /** Names of the calls that changed the router, in order. */
  readonly calls: string[] = [];
  /** Images that a registry would have to give; `setup` fetches them. */
  readonly missingImages = new Set<string>();
  /** Whose images the command launches. */
  images: string | undefined = "weaveworks";
  /** What keeps the next launches from coming up, in Weave's words. */
  launchFails: string | undefined;
  /** Somebody else's file in the way of the unit for the boot. */
  foreignBootFile: string | undefined;
  bootConf: string | undefined;
  readonly #fetched = new Set<string>();
  readonly #exposed = new Set<string>();
  #origin: RouterOrigin | undefined;
  readonly #removed = new FakeRemovedPeers();

  constructor(
    private readonly network: FakeNetwork,
    host: string,
    address: string,
    /** undefined: no weave command on the host. */
    public commandVersion: string | undefined,
  ) {
    super(host, address);
  }

  keepUnits(): Promise<boolean> {
    this.linksCollected = this.hasSystemd;
    this.collectorDied = undefined;
    return Promise.resolve(this.hasSystemd);
  }

  unitsFault(): Promise<string | undefined> {
    const state = this.linksCollected ? this.collectorDied : "not there";
    return Promise.resolve(
      this.hasSystemd && state !== undefined ? collectorWords(this.host, state) : undefined,
    );
  }

  version(): Promise<string | undefined> {
    return Promise.resolve(this.commandVersion);
  }

  imagesOf(): Promise<string | undefined> {
    return Promise.resolve(this.images);
  }

  datapath(): Promise<DatapathFacts> {
    return Promise.resolve({ openVSwitch: false, bridge: this.settings ? "bridge" : "none" });
  }

  router(password?: string): Promise<RouterContainer | undefined> {
    if (this.settings === undefined) return Promise.resolve(undefined);
    const command = { version: this.commandVersion ?? "latest", images: this.images ?? "" };
    const found = fakeContainer(this, this.settings, command, password);
    return Promise.resolve({ ...found, status: this.dying?.status ?? found.status });
  }

  trouble(): Promise<RouterTrouble | undefined> {
    if (this.settings === undefined) return Promise.resolve(undefined);
    const status = this.isRunning ? "running" : "exited";
    return Promise.resolve(this.dying ?? { status, exitCode: 0, restarts: 0 });
  }

  report(): Promise<RouterReport | undefined> {
    if (!this.isRunning || this.dying !== undefined || this.settings === undefined)
      return Promise.resolve(undefined);
    return Promise.resolve(
      fakeReport(this, this.settings, this.network, this.commandVersion ?? ""),
    );
  }

  launch(settings: LaunchSettings): Promise<void> {
    return this.changing("launch", () => {
      const failed = `Launching Weave's router failed on host '${this.host}':`;
      if (this.dying !== undefined)
        throw new FerryError({
          kind: "trouble",
          reason: `${failed} weave is restarting; you can stop it with 'weave stop'.`,
        });
      if (this.isRunning)
        throw new FerryError({
          kind: "trouble",
          reason: `${failed} weave is already running. It was left as it is.`,
        });
      const cause = refusedSettings(settings) ?? this.launchFails;
      if (cause !== undefined)
        throw new FerryError({
          kind: "trouble",
          reason: `${failed} ${cause}. No router runs there now.`,
        });
      this.start(settings);
    });
  }

  relaunch(settings: LaunchSettings): Promise<void> {
    return this.changing("relaunch", () => {
      const cause = refusedSettings(settings) ?? this.launchFails;
      if (cause !== undefined) {
        this.isRunning = this.settings !== undefined;
        const state = this.isRunning
          ? "The router runs again with its former settings"
          : "No router runs there now";
        throw new FerryError({
          kind: "trouble",
          reason:
            `Launching Weave's router with other settings failed on host '${this.host}': ${cause}. ${state}; put that ` +
            "right and run again.",
        });
      }
      this.start(settings);
    });
  }

  private start(settings: LaunchSettings): void {
    this.runWith(settings);
    this.dying = undefined;
    this.network.restarted(this);
    divideAsSeeded(this.network, settings);
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
      return this.network.ring.takeOver(removed.peerName, this);
    });
  }

  removedPeers(): Promise<readonly RemovedPeer[]> {
    return Promise.resolve(this.#removed.all());
  }

  markRemoved(peers: readonly RemovedPeer[]): Promise<void> {
    this.#removed.mark(peers);
    return Promise.resolve();
  }

  unmarkRemoved(peerNames: readonly string[]): Promise<void> {
    this.#removed.unmark(peerNames);
    return Promise.resolve();
  }

  origin(): Promise<RouterOrigin | undefined> {
    return Promise.resolve(this.#origin);
  }

  noteOrigin(origin: RouterOrigin): Promise<void> {
    this.#origin = structuredClone(origin);
    return Promise.resolve();
  }

  letGo(): Promise<void> {
    this.#forget();
    return Promise.resolve();
  }

  /** What Ferry keeps on the host beside the router. */
  #forget(): void {
    this.linksCollected = false;
    this.bootConf = undefined;
    this.#removed.clear();
    this.#origin = undefined;
  }

  expose(cidrs: readonly string[], _name?: string): Promise<readonly string[]> {
    return this.changing("expose", () => {
      this.refuseStopped("Giving the host an address on the overlay");
      const range = this.settings?.ipallocRange ?? "";
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
      this.names.add(name, addresses);
    });
  }

  dnsRemove(name: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return Promise.resolve();
    return this.changing("dnsRemove", () => {
      this.refuseStopped("Taking a name");
      this.names.remove(name, addresses);
    });
  }

  keepAtBoot(settings: LaunchSettings, exposures?: BootExposures): Promise<BootOutcome> {
    return Promise.resolve().then(() => keepAtFakeBoot(this, settings, exposures));
  }

  atBoot(settings: LaunchSettings, exposures?: BootExposures): Promise<BootState> {
    return Promise.resolve(fakeBootState(this, settings, exposures));
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
      for (const target of targets.map(normaliseTarget)) {
        this.targets.add(target);
        this.network.dialNow(this, target);
      }
    });
  }

  dialAgain(targets: readonly string[]): Promise<void> {
    const own = targets.map(normaliseTarget).filter((target) => this.targets.has(target));
    if (!this.isRunning || own.length === 0) return Promise.resolve();
    return this.changing("dialAgain", () => {
      for (const target of own) this.network.dialNow(this, target);
    });
  }

  forget(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return Promise.resolve();
    return this.changing("forget", () => {
      this.refuseStopped("Forgetting");
      for (const target of targets) this.targets.delete(normaliseTarget(target));
    });
  }

  prime(_timeoutSeconds: number): Promise<boolean> {
    return this.changing("prime", () => {
      this.refuseStopped("Priming");
      divideByQuorum(this.network, this);
      return this.network.agreed;
    });
  }

  reset({ handBack = true }: ResetOptions = {}): Promise<void> {
    return this.changing("reset", () => {
      leaveRing(this.network, this, handBack);
      this.vanish();
      this.#forget();
      this.#exposed.clear();
      for (const image of this.#fetched) this.missingImages.add(image);
      this.#fetched.clear();
    });
  }

  private changing<T>(name: string, act: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.commandVersion === undefined && name !== "reset") {
        throw new FerryError({ kind: "trouble", reason: weaveMissing(this.host) });
      }
      this.calls.push(name);
      return act();
    });
  }
}
