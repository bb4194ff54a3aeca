import type { Lane } from "./lane";

/** Lanes of one kind. Each is brought up when it is first needed, and has one case at a time. */
export class Lanes {
  private readonly free: Lane[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly all: Lane[] = [];
  private made = 0;

  constructor(
    private readonly most: number,
    private readonly make: (number: number) => Lane,
  ) {}

  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = await this.take();
    try {
      return await work(lane);
    } finally {
      this.free.push(lane);
      this.waiting.shift()?.();
    }
  }

  async down(): Promise<void> {
    for (const lane of this.all) await lane.down();
  }

  private async take(): Promise<Lane> {
    for (;;) {
      const free = this.free.shift();
      if (free !== undefined) return free;
      if (this.all.length < this.most) return this.another();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private async another(): Promise<Lane> {
    // A number is never used twice: two lanes of one name would be two on the same hosts.
    const lane = this.make((this.made += 1));
    this.all.push(lane);
    try {
      await lane.up();
      return lane;
    } catch (error) {
      // Whoever waits for it would wait for ever: the next one tries again.
      this.all.splice(this.all.indexOf(lane), 1);
      await lane.down();
      this.waiting.shift()?.();
      throw error;
    }
  }
}
