import type { HostLocks } from "../../provider/core/lock";
import type { Host } from "../../provider/core/adapter-ports";

/** Two runs, and a host that both use. */
export interface LockFixture {
  /** The host as the first and as the second run sees it. */
  readonly hosts: readonly [Host, Host];
  /** The same machine as the first run's host, which that run also knows by another name. */
  readonly otherName: Host;
  /** Both wait 2 s for one another. */
  readonly runs: readonly [HostLocks, HostLocks];
  /** Ends the first run's connection without a word, as its death would. */
  disconnectFirst(): void;
  /** What the host shows of locks: nothing, when none is held. */
  left(): Promise<string[]>;
}

/** What all `HostLocks` keep to, the fake and the real ones. */
export function lockContract(fixtureOf: () => LockFixture): void {
  const mine = {
    owner: "root@ci-7, stack prod of project shop",
    reason: "moving redis.0 to node2",
  };
  const yours = { owner: "root@laptop", reason: "growing the network" };

  const isDoneWithin = async (promise: Promise<unknown>, milliseconds: number) => {
    const pause = new Promise((resolve) =>
      setTimeout(() => resolve("still waiting"), milliseconds),
    );
    return (await Promise.race([promise, pause])) !== "still waiting";
  };

  /** A fact that comes about soon. */
  const eventually = async (fact: () => Promise<boolean> | boolean) => {
    const deadline = performance.now() + 15_000;
    while (!(await fact())) {
      if (performance.now() > deadline) throw new Error("it never came about");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test("a lock is there while it is held, and nothing is left of it afterwards", async () => {
    const { hosts, runs, left } = fixtureOf();
    const lock = await runs[0].acquire(hosts[0], "weave", mine);
    expect(lock.lost).toBe(false);
    expect(await left()).not.toEqual([]);
    await lock.release();
    await lock.release();
    expect(await left()).toEqual([]);
  });

  test("two names are two locks", async () => {
    const { hosts, runs, left } = fixtureOf();
    const first = await runs[0].acquire(hosts[0], "weave", mine);
    const second = await runs[1].acquire(hosts[1], "apples/redis.0", yours);
    const third = await runs[0].acquire(hosts[0], "apples/redis.1", mine);
    for (const lock of [second, first, third]) await lock.release();
    expect(await left()).toEqual([]);
  });

  test("another run waits for a while, and is then told who has it, what for and since when", async () => {
    const { hosts, runs } = fixtureOf();
    const lock = await runs[0].acquire(hosts[0], "weave", mine);
    await expect(runs[1].acquire(hosts[1], "weave", yours)).rejects.toThrow(
      new RegExp(
        `^Host '${hosts[1].name}' is being used for moving redis\\.0 to node2 by root@ci-7, stack prod of project shop since ` +
          "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ; waited 2 s\\. Run again when that run has ended",
      ),
    );
    expect(lock.lost).toBe(false);
    await lock.release();
  });

  test("another run gets it as soon as it is released", async () => {
    const { hosts, runs, left } = fixtureOf();
    const lock = await runs[0].acquire(hosts[0], "weave", mine);
    const next = runs[1].acquire(hosts[1], "weave", yours);
    expect(await isDoneWithin(next, 300)).toBe(false);
    await lock.release();
    await (await next).release();
    expect(await left()).toEqual([]);
  });

  test("within one run the name is lent to one at a time, in order, however long it takes", async () => {
    const { hosts, runs } = fixtureOf();
    const order: string[] = [];
    const use = async (who: string, milliseconds: number) => {
      const lock = await runs[0].acquire(hosts[0], "weave", mine);
      order.push(`${who} in`);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      order.push(`${who} out`);
      await lock.release();
    };
    await Promise.all([use("a", 2300), use("b", 10), use("c", 10)]);
    expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  test("an operation that has two names for one machine does not wait for itself", async () => {
    const { hosts, otherName, runs, left } = fixtureOf();
    expect(otherName.name).not.toBe(hosts[0].name);
    const both = [hosts[0], otherName, hosts[0]];
    const locks = await runs[0].acquireAll(both, "apples/redis.0", mine);
    expect(locks.map(({ lost }) => lost)).toEqual([false, false, false]);
    await expect(runs[1].acquire(hosts[1], "apples/redis.0", yours)).rejects.toThrow(
      "is being used for moving redis.0 to node2",
    );
    for (const lock of locks) await lock.release();
    expect(await left()).toEqual([]);
  });

  test("two operations of one run, each with its own name for the machine, take turns", async () => {
    const { hosts, otherName, runs, left } = fixtureOf();
    const first = await runs[0].acquire(hosts[0], "weave", mine);
    const next = runs[0].acquire(otherName, "weave", mine);
    // longer than one run waits for another
    expect(await isDoneWithin(next, 2300)).toBe(false);
    await first.release();
    await (await next).release();
    expect(await left()).toEqual([]);
  });

  test("all locks or none: what was taken before a refusal is free again", async () => {
    const { hosts, otherName, runs, left } = fixtureOf();
    const lock = await runs[1].acquire(hosts[1], "weave", yours);
    const attempt = runs[0].acquireAll([otherName, hosts[0]], "weave", mine);
    await expect(attempt).rejects.toThrow("is being used for growing the network");
    await lock.release();
    expect(await left()).toEqual([]);
  });

  test("words of any kind stay words", async () => {
    const { hosts, runs, left } = fixtureOf();
    const name = "$(touch /tmp/ferry-lock-was-run)/../'\"`; *\n\t.0";
    const odd = { owner: "a\tb\n$(id)", reason: "`reboot` \\ 'x' \"y\" %s" };
    const lock = await runs[0].acquire(hosts[0], name, odd);
    const refusal = await runs[1].acquire(hosts[1], name, yours).then(
      () => "",
      (error: unknown) => (error as Error).message,
    );
    expect(refusal).toContain("is being used for `reboot` \\ 'x' \"y\" %s by a");
    expect(refusal).toContain("$(id)");
    await lock.release();
    expect(await left()).toEqual([]);
  });

  test("a run that dies frees all of its locks at once, and knows that it has lost them", async () => {
    const { hosts, runs, left, disconnectFirst } = fixtureOf();
    const lock = await runs[0].acquire(hosts[0], "weave", mine);
    const other = await runs[0].acquire(hosts[0], "apples/redis.0", mine);
    disconnectFirst();
    await (await runs[1].acquire(hosts[1], "weave", yours)).release();
    await eventually(() => lock.lost && other.lost);
    await lock.release();
    await other.release();
    await eventually(async () => (await left()).length === 0);
  });

  test("and may take it again", async () => {
    const { hosts, runs, left } = fixtureOf();
    const lock = await runs[0].acquire(hosts[0], "weave", mine);
    expect(lock.lost).toBe(false);
    await lock.release();
    expect(await left()).toEqual([]);
  });
}
