import { tellingSoFar } from "../../provider/handlers/move/so-far";

describe("work that somebody waits for", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const clock = { now: () => Date.now() };
  const lasting = (milliseconds: number) => () =>
    new Promise<string>((resolve) => setTimeout(() => resolve("done"), milliseconds));

  test.each([
    [200, []],
    [4_900, []],
    [12_000, ["5.0 s", "10.0 s"]],
  ])("of %i ms says how long it has taken: %j", async (milliseconds, expected) => {
    const said: string[] = [];
    const work = tellingSoFar(clock, (time) => said.push(time), lasting(milliseconds));
    await jest.advanceTimersByTimeAsync(60_000);
    await expect(work).resolves.toBe("done");
    expect(said).toEqual(expected);
  });

  test("that fails is told of no more", async () => {
    const failing = tellingSoFar(
      clock,
      () => undefined,
      () => Promise.reject(new Error("no")),
    );
    await expect(failing).rejects.toThrow("no");
    expect(jest.getTimerCount()).toBe(0);
  });
});
