import { MoveSlots } from "../../provider/handlers/replica/move-slots";

/** A piece of work that ends when it is told. */
function job() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { end, work: () => ended };
}

const slot = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("moves of one run", () => {
  test("wait for their hosts, say so once, and go on when a place is free", async () => {
    const moveSlots = new MoveSlots();
    const running = new Set<number>();
    const waited: number[] = [];
    const jobs = [0, 1, 2].map(() => job());
    const all = jobs.map(({ work }, i) =>
      moveSlots.take(
        ["node1", "node2"],
        async () => {
          running.add(i);
          await work();
          running.delete(i);
        },
        () => waited.push(i),
      ),
    );
    await slot();
    expect([...running]).toEqual([0, 1]);
    expect(waited).toEqual([2]);
    jobs[1]!.end();
    await slot();
    expect([...running]).toEqual([0, 2]);
    jobs.forEach(({ end }) => end());
    await Promise.all(all);
    expect(running.size).toBe(0);
  });

  test("give their places back when they fail", async () => {
    const moveSlots = new MoveSlots();
    moveSlots.setMovesPerHost(1);
    const failed = () => Promise.reject(new Error("no room"));
    await expect(moveSlots.take(["node1", "node2"], failed)).rejects.toThrow("no room");
    await expect(moveSlots.take(["node2", "node1"], () => Promise.resolve("moved"))).resolves.toBe(
      "moved",
    );
  });

  test("between two hosts in both directions do not wait for one another", async () => {
    const moveSlots = new MoveSlots();
    moveSlots.setMovesPerHost(1);
    const done: string[] = [];
    const move = (from: string, to: string) =>
      moveSlots.take([from, to], async () => {
        await slot();
        done.push(`${from} -> ${to}`);
      });
    await Promise.all([
      move("node1", "node2"),
      move("node2", "node1"),
      move("node2", "node3"),
      move("node3", "node1"),
    ]);
    expect(done).toHaveLength(4);
  });
});
