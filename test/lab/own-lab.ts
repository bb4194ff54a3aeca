import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { completeKind, type Lab, parseKind, thisLab, up, wipe } from "../../lab";
import { withLock } from "../../lab/lock";

/**
 * Hosts of a test's own, beside whatever lab this checkout has up. Their names follow from the
 * checkout's lab and the purpose, so that a run of a test finds, and wipes, what a run of it left
 * that was killed. A second run of the same test at the same time waits. FERRY_LAB_KEEP names a
 * folder in which they are kept up for the next run instead, with whatever a failed test has left
 * on them.
 */
export class OwnLab {
  readonly lab: Lab;
  /** What a test keeps beside its hosts. */
  readonly home: string;
  /** By which a process that the test starts finds the same lab. */
  readonly environment: NodeJS.ProcessEnv;
  private readonly kept: boolean;
  /** Lets go of it, once it was taken. */
  private release: (() => void) | undefined;

  /** @param purpose one word that no other test has */
  constructor(purpose: string, env: NodeJS.ProcessEnv = process.env) {
    const kept = env["FERRY_LAB_KEEP"];
    this.kept = kept !== undefined;
    this.home = kept ?? `${thisLab(env).dir}-${purpose}`;
    this.environment = {
      ...env,
      FERRY_LAB_HOME: this.home,
      FERRY_LAB_ID: join(this.home, purpose),
    };
    this.lab = thisLab(this.environment);
  }

  /** @param kinds of node1, node2, and so on, as `trixie/29`; the usual one where there is none */
  async up(count: number, kinds: readonly string[] = []): Promise<void> {
    await this.take();
    await up(count, this.lab, undefined, (index) => {
      const kind = kinds[index - 1];
      return kind === undefined ? undefined : completeKind(parseKind(kind));
    });
  }

  /**
   * Makes it this process's, with nothing in it, until `down`. For whoever prepares hosts that are
   * not up yet.
   */
  async take(): Promise<void> {
    if (this.release !== undefined) return;
    await this.claim();
    await this.clear();
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
  }

  async down(): Promise<void> {
    await this.clear();
    this.release?.();
    this.release = undefined;
  }

  private async clear(): Promise<void> {
    if (this.kept) return;
    await wipe(this.lab);
    rmSync(this.home, { recursive: true, force: true });
  }

  /** The kernel lets go when this process ends, however it ends. */
  private claim(): Promise<void> {
    const waiting = () => console.error(`waiting for another run of this test, in ${this.home}`);
    return new Promise((claimed, failed) => {
      const isLocked = () => {
        claimed();
        return new Promise<void>((release) => (this.release = release));
      };
      withLock(`${this.home}.lock`, waiting, isLocked).catch(failed);
    });
  }
}
