import {
  contains,
  enclosing,
  formatCidr,
  parseAddress,
  parseCidr,
} from "../../core/addresses/ipv4";
import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import type { BootExposures } from "../../core/weave/boot-unit";
import { usesFastDatapath, type DatapathFacts } from "../../core/weave/fast-datapath";
import type { BootOutcome, BootState, ResetOptions, Weave } from "../../core/weave/weave-port";
import { originText, parseOrigin, type RouterOrigin } from "../../core/weave/origin";
import type { RemovedPeer } from "../../core/weave/removed";
import { parseReport, type RouterReport } from "../../core/weave/report";
import {
  parseRouterArguments,
  parseRouterImage,
  type RouterContainer,
} from "../../core/weave/router-container";
import type { RouterTrouble } from "../../core/weave/router-trouble";
import { normaliseTarget, type LaunchSettings } from "../../core/weave/settings";
import type { WeaveSource } from "../../core/weave/source";
import { atBoot, forgetAtBoot, keepAtBoot } from "./boot";
import { installUnits, removeUnits, unitsFault } from "./kept-in-order";
import * as scripts from "./host-scripts";
import { causeOf } from "./last-words";
import { markRemoved, readRemoved, unmarkRemoved } from "./removed-file";
import { troubleOf } from "./trouble";
import { isTimeout, WeaveCommand } from "./weave-command";

/** A launch may have to pull images first. In seconds. */
const LAUNCH_SECONDS = 300;
const SETUP_SECONDS = 600;

type OnHost = Pick<Host, "name" | "shell">;

/** Weave Net on this host, by its own command and its status API. */
export function weaveOn(host: OnHost, source?: WeaveSource): Weave {
  return new HostWeave(host, source);
}

class HostWeave implements Weave {
  readonly #host: OnHost;
  readonly #weave: WeaveCommand;

  constructor(host: OnHost, source?: WeaveSource) {
    this.#host = host;
    this.#weave = new WeaveCommand(host, source);
  }

  version(): Promise<string | undefined> {
    return this.#weave.version();
  }

  imagesOf(): Promise<string | undefined> {
    return this.#weave.imagesOf();
  }

  async datapath(): Promise<DatapathFacts> {
    const { stdout } = await this.#weave.script(scripts.DATAPATH);
    const [openVSwitch, bridge] = stdout.trim().split(/\s+/);
    return {
      openVSwitch: openVSwitch === "yes",
      bridge: bridge === "bridge" || bridge === "datapath" ? bridge : "none",
    };
  }

  async router(password?: string): Promise<RouterContainer | undefined> {
    const { exitCode, stdout, stderr } = await this.#weave.script(scripts.ROUTER, {
      stdin: `${password ?? ""}\n`,
      ...(password === undefined ? {} : { redact: [password] }),
    });
    if (exitCode === scripts.NO_ROUTER) return undefined;
    if (exitCode !== 0) throw this.#weave.failure("Looking for Weave's router", stderr);
    const [status = "", image = "", argv = "", compared] = stdout.trim().split("\n");
    const words = this.#read("Looking for Weave's router", argv, argumentsOf);
    return {
      status: status.trim(),
      ...parseRouterImage(image.trim()),
      fastDatapath: !words.includes("--no-fastdp"),
      settings: parseRouterArguments(words),
      password: compared === "same" || compared === "other" ? compared : "none",
    };
  }

  trouble(): Promise<RouterTrouble | undefined> {
    return troubleOf(this.#weave);
  }

  async report(): Promise<RouterReport | undefined> {
    const { exitCode, stdout } = await this.#weave.scriptWithCommand(scripts.REPORT);
    const [, now, text = ""] = /^(?:(\d+)\n)?(.*)$/s.exec(stdout) ?? [];
    if (exitCode !== 0 || text.trim() === "") return undefined;
    return this.#read("Reading the report of Weave's router", text, (said) =>
      parseReport(said, now === undefined ? undefined : Number(now)),
    );
  }

  /** An answer that is none is told with its host, and with what came in its place. */
  #read<T>(what: string, said: string, parse: (said: string) => T): T {
    try {
      return parse(said);
    } catch {
      const came = said.replace(/\s+/g, " ").trim().slice(0, 120);
      throw this.#weave.failure(what, `it answered '${came}', which is not JSON`);
    }
  }

  async setup(version?: string): Promise<readonly string[]> {
    const owner = await this.#weave.imagesOf();
    const images = await this.#weave.words((dialect) => dialect.images(version, owner));
    const result = await this.#weave.script(scripts.SETUP, {
      args: images,
      timeoutSeconds: SETUP_SECONDS,
    });
    if (result.exitCode === 0) return result.stdout.split("\n").filter(Boolean);
    throw this.#weave.failure(
      "Fetching Weave's images",
      result.stderr,
      `No router was launched or stopped. Let the host reach the registry, or load ${images.join(", ")} there yourself, and run again.`,
    );
  }

  async launch(settings: LaunchSettings): Promise<void> {
    const invocation = await this.#launching(settings);
    const result = await this.#weave.run(invocation, LAUNCH_SECONDS, scripts.LAUNCH);
    if (result.exitCode === 0) return;
    const said = result.stderr + result.stdout;
    // Weave itself only says that its container died, and where to look.
    const words = /has died/.test(said)
      ? (await this.#weave.script(scripts.LAST_WORDS)).stdout
      : "";
    const state = /already running/.test(said)
      ? "It was left as it is."
      : "No router runs there now; put that right and run again.";
    throw this.#weave.failure(
      "Launching Weave's router",
      causeOf(words) ?? said,
      state,
      Object.values(invocation.secrets),
    );
  }

  async relaunch(settings: LaunchSettings): Promise<void> {
    const invocation = await this.#launching(settings);
    const result = await this.#weave.run(invocation, LAUNCH_SECONDS, scripts.RELAUNCH);
    if (result.exitCode === 0) return;
    const [said = "", log = ""] = (result.stderr + result.stdout).split(scripts.LOG_MARK);
    throw this.#weave.failure(
      "Launching Weave's router with other settings",
      /has died/.test(said) ? (causeOf(log) ?? said) : said,
      result.exitCode === scripts.TAKEN_BACK
        ? "The router runs again with its former settings; put that right and run again."
        : "No router runs there now; put that right and run again.",
      Object.values(invocation.secrets),
    );
  }

  async #launching(settings: LaunchSettings) {
    const fastDatapath = usesFastDatapath(await this.datapath());
    return this.#weave.words((dialect) => {
      // A version that cannot be asked how its router is cannot be kept in order: refused before
      // anything is done.
      dialect.report();
      return dialect.launch(settings, { fastDatapath });
    });
  }

  async stop(): Promise<void> {
    await this.#weave.check("Stopping Weave's router", (dialect) => dialect.stop());
  }

  async connect(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return;
    const what = `Connecting Weave's router with ${targets.join(", ")}`;
    await this.#weave.check(what, (dialect) => dialect.connect(targets));
  }

  async dialAgain(targets: readonly string[]): Promise<void> {
    const own = (await this.report())?.targets ?? [];
    await this.connect(targets.filter((target) => own.includes(normaliseTarget(target))));
  }

  async forget(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return;
    const what = `Making Weave's router forget ${targets.join(", ")}`;
    await this.#weave.check(what, (dialect) => dialect.forget(targets));
  }

  async prime(timeoutSeconds: number): Promise<boolean> {
    const limit = Math.max(1, Math.ceil(timeoutSeconds));
    const prime = await this.#weave.words((dialect) => dialect.prime());
    const result = await this.#weave.run(prime, limit, scripts.RUN_AND_CLEAN);
    if (result.exitCode === 0) return true;
    if (isTimeout(result)) return false;
    throw this.#weave.failure("Priming Weave's address manager", result.stderr + result.stdout);
  }

  async rmpeer(removed: RemovedPeer): Promise<number> {
    // First the note: whoever is interrupted in between only has to ask again.
    await this.markRemoved([removed]);
    const what = `Taking over the share of ${removed.peerName} (host '${removed.host}')`;
    const said = await this.#weave.check(what, (dialect) => dialect.rmpeer(removed.peerName));
    return Number(/^(\d+) IPs? taken over/m.exec(said)?.[1] ?? 0);
  }

  removedPeers(): Promise<readonly RemovedPeer[]> {
    return readRemoved(this.#host);
  }

  markRemoved(peers: readonly RemovedPeer[]): Promise<void> {
    return markRemoved(this.#host, peers);
  }

  unmarkRemoved(peerNames: readonly string[]): Promise<void> {
    return unmarkRemoved(this.#host, peerNames);
  }

  async origin(): Promise<RouterOrigin | undefined> {
    return parseOrigin(await this.#host.shell.readFile(scripts.ORIGIN, { root: true }));
  }

  noteOrigin(origin: RouterOrigin): Promise<void> {
    return this.#host.shell.writeFile(scripts.ORIGIN, originText(origin), { root: true });
  }

  async letGo(): Promise<void> {
    await this.forgetAtBoot();
    await removeUnits(this.#host);
    await this.#weave.script(scripts.LET_GO);
  }

  async expose(cidrs: readonly string[], name?: string): Promise<readonly string[]> {
    const what = `Giving the host ${cidrs.length === 0 ? "an address" : cidrs.join(", ")} on the overlay`;
    const said = await this.#weave.check(what, (dialect) => dialect.expose(cidrs, name));
    if (cidrs.length > 0) return cidrs;
    const given = new Set(said.trim().split(/\s+/));
    return (await this.exposed()).filter((cidr) => given.has(cidr.split("/")[0] ?? ""));
  }

  async hide(cidrs: readonly string[]): Promise<void> {
    const exposed = await this.exposed();
    const present = cidrs.filter((cidr) => exposed.includes(cidr));
    if (present.length === 0) return;
    const range = (await this.report())?.ipam?.range;
    // An address of Weave's range goes back to it only when Weave is asked by subnet: by itself it
    // stays claimed.
    const words = present.map((cidr) => {
      const [address = "", prefix] = cidr.split("/");
      const block = enclosing(parseAddress(address), Number(prefix));
      const claimed = range !== undefined && range !== "" && contains(parseCidr(range), block);
      return claimed ? `net:${formatCidr(block)}` : cidr;
    });
    const what = `Taking ${present.join(", ")} off the overlay`;
    await this.#weave.check(what, (dialect) => dialect.hide(words));
  }

  async exposed(): Promise<readonly string[]> {
    const { stdout } = await this.#weave.script(scripts.EXPOSED);
    return stdout.split("\n").filter(Boolean).sort();
  }

  async dnsAdd(name: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    const what = `Naming ${addresses.join(", ")} ${name}`;
    await this.#weave.check(what, (dialect) => dialect.dnsAdd(name, addresses));
  }

  async dnsRemove(name: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    const what = `Taking the name ${name} from ${addresses.join(", ")}`;
    await this.#weave.check(what, (dialect) => dialect.dnsRemove(name, addresses));
  }

  keepAtBoot(settings: LaunchSettings, exposures?: BootExposures): Promise<BootOutcome> {
    return keepAtBoot(this.#weave, settings, exposures);
  }

  atBoot(settings: LaunchSettings, exposures?: BootExposures): Promise<BootState> {
    return atBoot(this.#weave, settings, exposures);
  }

  forgetAtBoot(): Promise<void> {
    return forgetAtBoot(this.#weave);
  }

  keepUnits(): Promise<boolean> {
    return installUnits(this.#host);
  }

  unitsFault(): Promise<string | undefined> {
    return unitsFault(this.#host);
  }

  async reset({ handBack = true }: ResetOptions = {}): Promise<void> {
    // First what would bring the router back at the next boot, should this be interrupted.
    await this.forgetAtBoot();
    await removeUnits(this.#host);
    const what = "Resetting Weave";
    const remaining = (await this.#weave.checkScript(what, scripts.REMAINING)).trim().split("\n");
    if ((await this.version()) === undefined) {
      if (remaining.includes("weave")) {
        throw new FerryError({
          kind: "trouble",
          reason: `${this.#weave.missing} Its router is still there, and needs the command to leave the network.`,
        });
      }
    } else if (remaining.some((each) => each !== "")) {
      // Not asked where a first launch has left nothing: a Weave that Docker refuses could not say
      // so.
      if (!handBack) await this.stop();
      await this.#weave.check(what, (dialect) => dialect.reset());
    }
    const left = (await this.#weave.checkScript(what, scripts.COLLECT)).trim();
    if (left === "") return;
    throw this.#weave.failure(what, `it left ${left.replaceAll("\n", ", ")} behind`);
  }
}

function argumentsOf(json: string): string[] {
  const parsed: unknown = JSON.parse(json || "null");
  return Array.isArray(parsed) ? parsed.map(String) : [];
}
