import { FakeRedis } from "./moby-counter/fake-redis";
import { eventually, Program, timed } from "./moby-counter/processes";
import { freePort, kinds, type TestRedis } from "./moby-counter/redis";

jest.setTimeout(30_000);

/**
 * The application gives itself 0.9 s for an answer; the rest is for a machine that is busy with
 * other tests.
 */
const SOON_MS = 15_000;

class Web {
  readonly program: Program;
  private base = "";

  constructor(redisPort: number) {
    this.program = new Program("server.js", ["--port", "0"], {
      USE_REDIS_HOST: "localhost",
      USE_REDIS_PORT: String(redisPort),
    });
  }

  async listening(): Promise<this> {
    const [, port] = await this.program.says(/listening on port (\d+)/);
    this.base = `http://127.0.0.1:${port ?? ""}`;
    return this;
  }

  get(path: string): Promise<Response> {
    return fetch(this.base + path);
  }

  async whales(): Promise<unknown> {
    return (await this.get("/v1/whales")).json();
  }

  async ping(): Promise<unknown> {
    return (await this.get("/v1/ping")).json();
  }

  async post(body: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.base}/v1/whales`, { method: "POST", body });
    return { status: response.status, text: await response.text() };
  }

  async pingIs(connected: boolean): Promise<void> {
    const asked = async () =>
      ((await this.ping()) as { connected: boolean }).connected === connected || undefined;
    await eventually(asked, `connected: ${String(connected)}`);
  }
}

const ok = { status: 200, text: "ok" };

describe.each(kinds)("the web application with %s", (_kind, create) => {
  let redis: TestRedis;
  let web: Web;

  beforeEach(async () => {
    redis = await create();
    await redis.start();
    web = await new Web(redis.port).listening();
    await web.pingIs(true);
  });

  afterEach(async () => {
    await web.program.dispose();
    await redis.dispose();
  });

  test("keeps marks in the order in which they were posted", async () => {
    expect(await web.whales()).toEqual([]);
    for (const mark of ["100:100", "200:100", "100:200", "200:200"]) {
      expect(await web.post(mark)).toEqual(ok);
    }
    expect(await web.whales()).toEqual(["100:100", "200:100", "100:200", "200:200"]);
    expect(await web.ping()).toEqual({ connected: true });
    expect(await (await web.get("/v1/redis")).json()).toEqual({
      host: "localhost",
      port: redis.port,
      address: "127.0.0.1",
      lastAbsenceMs: null,
    });
  });

  test("answers many at once, each with its own answer", async () => {
    const marks = Array.from({ length: 40 }, (_, i) => `${i}:${i}`);
    const answers = await Promise.all(marks.map((mark) => web.post(mark)));
    expect(answers).toEqual(marks.map(() => ok));
    expect(new Set((await web.whales()) as string[])).toEqual(new Set(marks));
  });

  test.each([
    ["nothing", ""],
    ["one number", "1"],
    ["no height", "1:"],
    ["three numbers", "1:2:3"],
    ["words", "a:b"],
    ["a negative number", "-1:2"],
    ["a fraction", "1.5:2"],
    ["two lines", "1:2\n3:4"],
    ["more than anybody clicks", "9".repeat(5_000)],
  ])("refuses %s as a mark, and keeps nothing of it", async (_what, body) => {
    const text = 'A mark is "x:y": two whole numbers of pixels.\n';
    expect(await web.post(body)).toEqual({ status: 400, text });
    expect(await web.whales()).toEqual([]);
  });

  test("says so within a second while redis is away, and finds it again", async () => {
    await web.post("1:1");
    await redis.stop();
    await web.pingIs(false);
    const refused = await timed(() => web.post("2:2"));
    expect(refused.value).toEqual({ status: 503, text: "Redis is away. Nothing was saved.\n" });
    expect(refused.ms).toBeLessThan(SOON_MS);
    const unread = await timed(() => web.get("/v1/whales"));
    expect(unread.value.status).toBe(503);
    expect(unread.ms).toBeLessThan(SOON_MS);

    await redis.start();
    await web.pingIs(true);
    expect(await web.whales()).toEqual(["1:1"]);
    const state = (await (await web.get("/v1/redis")).json()) as { lastAbsenceMs: number };
    expect(state.lastAbsenceMs).toBeGreaterThan(1_000);
  });

  test("never waits for a redis that stays silent, and does not say that nothing was saved", async () => {
    redis.freeze();
    const { value, ms } = await timed(() => web.post("4:4"));
    expect(value.status).toBe(503);
    expect(value.text).toBe("Redis is away. It is not known whether this was saved.\n");
    expect(ms).toBeLessThan(SOON_MS);
    await web.pingIs(false);
    redis.thaw();
    await web.pingIs(true);
    expect(await web.post("5:5")).toEqual(ok);
  });

  test("a mark that was answered with ok survives redis being killed on the spot", async () => {
    expect(await web.post("6:6")).toEqual(ok);
    await redis.crash();
    await redis.start();
    await web.pingIs(true);
    expect(await web.whales()).toEqual(["6:6"]);
  });

  test("ends at once when told to, even with a request under way", async () => {
    redis.freeze();
    const request = web.post("7:7").catch(() => "cut off");
    await new Promise((resolve) => setTimeout(resolve, 100));
    web.program.signal("SIGTERM");
    const { value, ms } = await timed(() => web.program.exitCode());
    expect(value).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
    expect(await request).toBe("cut off");
    redis.thaw();
  });
});

describe("the web application", () => {
  let redis: FakeRedis;
  let web: Web;

  beforeEach(async () => {
    redis = new FakeRedis(await freePort());
    web = await new Web(redis.port).listening();
  });

  afterEach(async () => {
    await web.program.dispose();
    await redis.dispose();
  });

  test("is there before redis is", async () => {
    expect(await web.ping()).toEqual({ connected: false });
    await redis.start();
    await web.pingIs(true);
  });

  test("a short absence only makes a mark take longer", async () => {
    const posted = web.post("3:3");
    await redis.start();
    expect(await posted).toEqual(ok);
    expect(await web.whales()).toEqual(["3:3"]);
  });

  test("takes a redis that still loads its data for away", async () => {
    redis.loading = true;
    await redis.start();
    await eventually(() => redis.commands.length > 3 || undefined, "attempts");
    expect(await web.ping()).toEqual({ connected: false });
    redis.loading = false;
    await web.pingIs(true);
  });

  test("understands answers that arrive byte by byte", async () => {
    redis.drip = true;
    await redis.start();
    await web.pingIs(true);
    expect(await web.post("8:8")).toEqual(ok);
    expect(await web.whales()).toEqual(["8:8"]);
  });

  test("saves by itself when redis does not sync every write", async () => {
    redis.appendfsync = "everysec";
    await redis.start();
    await web.pingIs(true);
    expect(await web.post("9:9")).toEqual(ok);
    const writes = redis.commands.filter((command) => ["RPUSH", "SAVE"].includes(command));
    expect(writes).toEqual(["RPUSH", "SAVE"]);
  });

  test("serves its page without a word from anywhere else", async () => {
    for (const [path, type] of [
      ["/", "text/html; charset=utf-8"],
      ["/page.js", "text/javascript; charset=utf-8"],
      ["/page.css", "text/css; charset=utf-8"],
      ["/icon.svg", "image/svg+xml; charset=utf-8"],
    ] as const) {
      const response = await web.get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("content-security-policy")).toBe("default-src 'self'");
      const links = (await response.text()).match(/https?:\/\/[^"'\s)]+/g) ?? [];
      expect(links.filter((link) => link !== "http://www.w3.org/2000/svg")).toEqual([]);
    }
  });

  test.each(["/v1/nothing", "//", "/../server.js", "/constructor"])(
    "has nothing at %s and lives on",
    async (path) => {
      expect((await web.get(path)).status).toBe(404);
      expect((await web.get("/")).status).toBe(200);
    },
  );

  test("says what is wrong with a port", async () => {
    const program = new Program("server.js", ["--port", "70000"]);
    expect(await program.exitCode()).toBe(2);
    expect(program.text).toBe('--port "70000" is not a port: give a number from 0 to 65535.\n');
  });
});
