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
  refused(out: () => void, because: boolean): boolean {
    out();
    if (!because || this.open === 0) return false;
    this.most = this.open;
    return true;
  }

  /** Another connection may come to another sshd. */
  forget(): void {
    this.most = this.usual;
  }
}
