import type { Open } from "./channel";

/**
 * Sessions of one connection at a time. sshd's MaxSessions is 10 unless set; two are left for
 * whatever else the user runs over the same one. What needs more gets a further connection.
 */
export const SESSION_LIMIT = 8;

/**
 * How many sessions sshd lets one connection have at a time (MaxSessions). It does not tell: that
 * is found out where it refuses one while others are open.
 */
export class SessionRoom {
  private open = 0;
  private most: number;

  constructor(private readonly usual: number) {
    this.most = usual;
  }

  get full(): boolean {
    return this.open >= this.most;
  }

  /** Returns the way out; calling it more than once does no harm. */
  enter(): () => void {
    this.open += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.open -= 1;
    };
  }

  /**
   * `out` was not let in, `because` of sshd's bounds. Whether it may be for those beside it, and
   * not for itself.
   */
  leaveRefused(out: () => void, because: boolean): boolean {
    out();
    if (!because || this.open === 0) return false;
    this.most = this.open;
    return true;
  }

  /**
   * How to open a command's channel in it, and how to leave. `refusedBeside`: it was not let in,
   * and that may be for those beside it.
   */
  command(commandLine: string): {
    readonly open: Open;
    readonly out: () => void;
    readonly refusedBeside: () => boolean;
  } {
    let beside = false;
    let leave: () => void = () => undefined;
    const open: Open = (client, done) => {
      leave = this.enter();
      client.exec(commandLine, (error, channel) => {
        beside = error !== undefined && this.leaveRefused(leave, "reason" in error);
        done(error, channel);
      });
    };
    return { open, out: () => leave(), refusedBeside: () => beside };
  }

  /** Another connection may come to another sshd. */
  forget(): void {
    this.most = this.usual;
  }
}
