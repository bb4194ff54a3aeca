import { FerryError, type FaultKind } from "../../provider/core/errors";
import { Reaching, REMEMBERED_MILLISECONDS } from "../../provider/adapters/ssh/reaching";

const fault = (kind: FaultKind) => new FerryError({ kind, host: "node1", reason: `${kind} there` });

/** A host whose attempts end as the test says, and time that passes as the test says. */
function fixture() {
  const dials: string[] = [];
  const waiting: { resolve: (said: string) => void; reject: (error: Error) => void }[] = [];
  let now = 0;
  const reaching = new Reaching<string>({
    dial: (failFast) => {
      dials.push(failFast ? "failFast" : "full");
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    late: () => fault("silent"),
    now: () => now,
  });
  /** Ends the attempt that is under way. */
  const end = async (how: "there" | FaultKind) => {
    await new Promise(setImmediate);
    const attempt = waiting.shift();
    if (how === "there") attempt?.resolve("there");
    else attempt?.reject(fault(how));
    await new Promise(setImmediate);
  };
  const pass = (milliseconds: number) => void (now += milliseconds);
  const silentOnce = async () => {
    const first = reaching.get("full").catch(() => undefined);
    await end("silent");
    await first;
  };
  return { reaching, dials, end, pass, silentOnce };
}

test("all who ask at the same time share one attempt", async () => {
  const { reaching, dials, end } = fixture();
  const all = Promise.all(
    (["full", "failFast", "anew", "full"] as const).map((e) => reaching.get(e)),
  );
  await end("there");
  expect(await all).toEqual(["there", "there", "there", "there"]);
  expect(dials).toEqual(["full"]);
});

test("a silent host is told of from memory, then tried failing fast, and noticed when it is back", async () => {
  const { reaching, dials, end, pass, silentOnce } = fixture();
  await silentOnce();
  await expect(reaching.get("full")).rejects.toThrow("silent there");
  expect(dials).toEqual(["full"]);
  pass(REMEMBERED_MILLISECONDS + 1);
  const again = reaching.get("full");
  await end("silent");
  await expect(again).rejects.toThrow("silent there");
  expect(dials).toEqual(["full", "failFast"]);
  // The fast try has confirmed it.
  await expect(reaching.get("full")).rejects.toThrow("silent there");
  expect(dials).toEqual(["full", "failFast"]);
  pass(REMEMBERED_MILLISECONDS + 1);
  const back = reaching.get("full");
  await end("there");
  expect(await back).toBe("there");
  const lostAgain = reaching.get("full");
  await end("there");
  await lostAgain;
  expect(dials).toEqual(["full", "failFast", "failFast", "full"]);
});

test("whoever is about to act on a silence is not told from memory", async () => {
  const { reaching, dials, end, silentOnce } = fixture();
  await silentOnce();
  const anew = reaching.get("anew");
  await end("there");
  expect(await anew).toBe("there");
  expect(dials).toEqual(["full", "full"]);
});

test("a fast silence is no answer for whoever wants more, and is not remembered", async () => {
  const { reaching, dials, end } = fixture();
  const failFast = reaching.get("failFast");
  const full = reaching.get("full");
  failFast.catch(() => undefined);
  await end("silent");
  await expect(failFast).rejects.toThrow("silent there");
  await end("there");
  expect(await full).toBe("there");
  const { reaching: other, dials: itsDials, end: ends } = fixture();
  const first = other.get("failFast");
  first.catch(() => undefined);
  await ends("silent");
  void other.get("full").catch(() => undefined);
  await ends("silent");
  expect([dials, itsDials]).toEqual([
    ["failFast", "full"],
    ["failFast", "full"],
  ]);
});

test.each<FaultKind>(["refused", "trouble", "settings"])(
  "what is no silence is never remembered: %s",
  async (kind) => {
    const { reaching, dials, end } = fixture();
    const first = reaching.get("full");
    first.catch(() => undefined);
    await end(kind);
    await expect(first).rejects.toThrow(`${kind} there`);
    const second = reaching.get("full");
    await end("there");
    expect(await second).toBe("there");
    expect(dials).toEqual(["full", "full"]);
  },
);

test("whoever has no time does not wait for somebody else's long attempt", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate"] });
  try {
    const { reaching, dials } = fixture();
    reaching.get("full").catch(() => undefined);
    const failFast = reaching.get("failFast");
    failFast.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(5_001);
    await expect(failFast).rejects.toMatchObject({ fault: { kind: "silent" } });
    expect(dials).toEqual(["full"]);
  } finally {
    jest.useRealTimers();
  }
});
