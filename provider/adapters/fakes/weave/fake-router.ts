import { FerryError } from "../../../core/errors";
import { normaliseTarget, type LaunchSettings } from "../../../core/weave/settings";
import { FakeNames } from "../fake-names";

/** What a fake router is and knows: its settings, whom it dials, and the names it was told. */
export class FakeRouter {
  isRunning = false;
  /** undefined: there is no router, not even a stopped one. */
  settings: LaunchSettings | undefined;
  readonly targets = new Set<string>();
  readonly names = new FakeNames();

  constructor(
    readonly host: string,
    readonly address: string,
  ) {}

  get peerName(): string {
    return this.settings?.peerName ?? derivedName(this.host);
  }

  get nickname(): string {
    return this.settings?.nickname ?? this.host;
  }

  get isElector(): boolean {
    return this.settings?.observer !== true;
  }

  protected refuseStopped(what: string): void {
    if (this.isRunning) return;
    throw new FerryError({
      kind: "trouble",
      reason: `${what} failed on host '${this.host}': weave container is not running.`,
    });
  }

  protected runWith(settings: LaunchSettings): void {
    this.settings = settings;
    this.targets.clear();
    for (const target of settings.targets) this.targets.add(normaliseTarget(target));
    this.names.clear();
    this.isRunning = true;
  }

  protected vanish(): void {
    this.isRunning = false;
    this.settings = undefined;
    this.targets.clear();
    this.names.clear();
  }
}

/** Why a router dies of its settings, in Weave's words. */
export function refusedSettings({ peerName }: LaunchSettings): string | undefined {
  if (peerName === undefined || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(peerName)) return undefined;
  return `invalid peer name format: "${peerName}"`;
}

/** As Weave derives one from the machine: fixed, and different for each host. */
function derivedName(host: string): string {
  let sum = 7;
  for (const byte of Buffer.from(host)) sum = (sum * 31 + byte) % 0xffffff;
  const hex = sum.toString(16).padStart(6, "0");
  return `02:00:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
}
