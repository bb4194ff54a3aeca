import * as fc from "fast-check";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeRedis } from "./moby-counter/fake-redis";
import { connect, createLookup, RedisLink, resp } from "./moby-counter/modules";
import { eventually, timed } from "./moby-counter/processes";
import { freePort } from "./moby-counter/redis";

const disposables: (() => unknown)[] = [];

/** A redis that is gone after the test, even if it fails. */
function fakeRedis(port: number, address?: string): FakeRedis {
  const redis = new FakeRedis(port, address);
  disposables.push(() => redis.dispose());
  return redis;
}

afterEach(async () => {
  for (const dispose of disposables.splice(0)) await dispose();
});

/** Pushes bytes in pieces that end at the given places. */
function pushInPieces(bytes: Buffer, pieces: readonly number[]): unknown[] {
  const parser = new resp.ReplyParser();
  const ends = [...pieces.map((end) => end % (bytes.length + 1)), bytes.length];
  let from = 0;
  return ends
    .sort((a, b) => a - b)
    .flatMap((end) => {
      const replies = parser.push(bytes.subarray(from, end));
      from = end;
      return replies;
    });
}

describe("the redis protocol", () => {
  test("a command reads back as itself, however it is cut", () => {
    const command = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 4 }), fc.array(fc.nat()), (commands, pieces) => {
        const bytes = Buffer.concat(commands.map((args) => resp.encode(args)));
        expect(pushInPieces(bytes, pieces)).toEqual(commands);
      }),
    );
  });

  test("reads every kind of reply", () => {
    const bytes = Buffer.from(
      "+OK\r\n:-7\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n*3\r\n$4\r\na\r\nb\r\n:1\r\n*1\r\n+é\r\n",
    );
    const replies = ["OK", -7, null, "", null, [], ["a\r\nb", 1, ["é"]]];
    for (let end = 0; end <= bytes.length; end++) {
      expect(pushInPieces(bytes, [end])).toEqual(replies);
    }
  });

  test("an error is a reply with a code", () => {
    const [error] = new resp.ReplyParser().push(Buffer.from("-LOADING wait\r\n"));
    expect(error).toMatchObject({ name: "ReplyError", code: "LOADING", message: "LOADING wait" });
  });

  test.each(["HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "*1e3\r\n"])(
    "refuses a peer that says %j",
    (text) => {
      expect(() => new resp.ReplyParser().push(Buffer.from(text))).toThrow(
        "the peer does not speak the redis protocol",
      );
    },
  );
});

describe("a connection", () => {
  test("that misses a deadline ends, and takes with it what waits behind", async () => {
    const redis = fakeRedis(await freePort());
    await redis.start();
    const target = { host: "127.0.0.1", port: redis.port, connectTimeoutMs: 500 };
    const connection = await connect(target);
    redis.freeze();
    const answers = await Promise.allSettled([
      connection.command(["PING"], 50),
      connection.command(["PING"], 10_000),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ reason: { name: "AwayError", code: "TIMEOUT", sent: true } });
    }
    await expect(connection.command(["PING"], 50)).rejects.toMatchObject({ sent: false });
  });

  test("to a port where nobody listens is refused in one sentence", async () => {
    const target = { host: "127.0.0.1", port: await freePort(), connectTimeoutMs: 500 };
    await expect(connect(target)).rejects.toMatchObject({
      message: `127.0.0.1:${target.port}: ECONNREFUSED`,
      code: "ECONNREFUSED",
      sent: false,
    });
  });
});

describe("the lookup", () => {
  test("asks again each time, and never for an address", async () => {
    const answers = ["10.0.0.1", "10.0.0.2"];
    const lookup = createLookup(() => Promise.resolve(answers.shift() ?? "none"));
    expect(await lookup("redis", 100)).toBe("10.0.0.1");
    expect(await lookup("10.9.9.9", 100)).toBe("10.9.9.9");
    expect(await lookup("redis", 100)).toBe("10.0.0.2");
  });

  test("says why there is no address", async () => {
    const lookup = createLookup(() => Promise.reject(new Error("getaddrinfo ENOTFOUND redis")));
    await expect(lookup("redis", 100)).rejects.toThrow("getaddrinfo ENOTFOUND redis");
  });

  test("a lost question costs a moment, and lost questions do not pile up", async () => {
    let asked = 0;
    let lost = 2;
    const lookup = createLookup(() => {
      asked++;
      return lost-- > 0 ? new Promise(() => undefined) : Promise.resolve("10.0.0.3");
    });
    const { ms } = await timed(() =>
      eventually(() => lookup("redis", 50).catch(() => undefined), "an address", 20_000),
    );
    expect(ms).toBeLessThan(20_000);
    expect(asked).toBe(3);
    lost = 100;
    for (let i = 0; i < 20; i++) {
      await lookup("redis", 20).catch(() => undefined);
      await sleep(10);
    }
    expect(asked).toBeLessThanOrEqual(4);
  });
});

describe("the link", () => {
  test("finds a redis that has moved to another address", async () => {
    const port = await freePort();
    const [source, target] = [fakeRedis(port), fakeRedis(port, "127.0.0.2")];
    await source.start();
    let address = "127.0.0.1";
    const link = new RedisLink({ host: "redis", port, lookup: () => Promise.resolve(address) });
    disposables.push(() => link.stop());
    expect((await link.connected(5_000)).address).toBe("127.0.0.1");
    await source.stop();
    await eventually(() => (link.address === undefined ? true : undefined), "redis is away");
    await expect(link.connected(30)).rejects.toThrow("redis is away");
    await target.start();
    address = "127.0.0.2";
    const { ms, value } = await timed(() => link.connected(20_000));
    expect(value.address).toBe("127.0.0.2");
    expect(ms).toBeLessThan(20_000);
    expect(link.lastAbsenceMs).toBeGreaterThanOrEqual(30);
  });
});
