import { createServer, type Server } from "http";
import { connect, type ClientHttp2Session } from "http2";
import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { Readable, type Duplex } from "stream";
import Dockerode from "dockerode";
import fc from "fast-check";
import { AgentProtocol, utils, type ParsedKey } from "ssh2";
import { readBuild } from "../../provider/adapters/docker/build/output";
import { openSession } from "../../provider/adapters/docker/build/session";
import {
  fieldsOf,
  type Field,
  framed,
  message,
  textOf,
  Unframer,
} from "../../provider/adapters/docker/build/wire";
import type { RegistryCredentials } from "../../provider/core/adapter-ports";
import type { SourceEntry } from "../../provider/core/build/build-request";

const folder = mkdtempSync(join(tmpdir(), "ferry-buildkit-"));
const socketPath = join(folder, "docker.sock");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (path: string, kind: SourceEntry["kind"], more: Partial<SourceEntry> = {}) => ({
  ...{ path, kind, mode: 0o644, size: 0 },
  read: () => Readable.from([]),
  ...more,
});
const big = Buffer.alloc(700_000, "x");
const pair = utils.generateKeyPairSync("ed25519");
const key = utils.parseKey(pair.private) as ParsedKey;
const keyPath = join(folder, "id");
writeFileSync(keyPath, pair.private);
const logins: Record<string, RegistryCredentials> = {
  "ghcr.io": { username: "shop", password: "pw" },
  "azurecr.io": { username: "<token>", password: "t" },
};
const given = {
  agents: { deploy: keyPath, lost: join(folder, "nowhere") },
  dockerfile: "FROM a\n",
  context: [
    entry("a", "folder", { mode: 0o755 }),
    entry("a/big", "file", { size: big.length, read: () => Readable.from([big, big]) }),
    entry("link", "link", { mode: 0o777, target: "a/big" }),
  ],
  secrets: { token: Buffer.from("hush\0hush") },
  credentials: (registry: string) => Promise.resolve(logins[registry]),
};

const DIFF = "/moby.filesync.v1.FileSync/DiffCopy";

describe("what a build is told while it goes on", () => {
  let daemon: Server;
  let client: ClientHttp2Session;
  let close: () => void;
  let exposed: string | string[] | undefined;
  let sharedKey: string | string[] | undefined;

  /** As dockerd: the one who asks is at the other end of the request. */
  beforeAll(async () => {
    const asked = new Promise<Duplex>((resolve) => {
      daemon = createServer();
      daemon.on("upgrade", (request, socket) => {
        exposed = request.headers["x-docker-expose-session-grpc-method"];
        sharedKey = request.headers["x-docker-expose-session-sharedkey"];
        socket.write("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
        resolve(socket);
      });
      daemon.listen(socketPath);
    });
    const session = await openSession(new Dockerode({ socketPath }), given);
    ({ close } = session);
    const socket = await asked;
    client = connect("http://session", { createConnection: () => socket });
  });

  afterAll(() => {
    client.destroy();
    close();
    daemon.close();
  });

  /** Sends messages as they are asked for; resolves with all that came, and gRPC's status. */
  async function call(
    path: string,
    headers: Record<string, string>,
    first: Buffer,
    next: (came: Buffer) => Buffer | undefined = () => undefined,
  ) {
    const stream = client.request({ ":method": "POST", ":path": path, ...headers });
    const unframer = new Unframer();
    const came: Buffer[] = [];
    let status: unknown;
    stream.on("trailers", (trailers) => void (status = trailers["grpc-status"]));
    // Of folders nothing is asked before they have been shown.
    if (path !== DIFF) stream.end(framed(first));
    for await (const piece of stream.iterator({ destroyOnReturn: false })) {
      for (const each of unframer.take(piece as Buffer)) {
        came.push(each);
        const answer = next(each);
        if (answer !== undefined) stream.write(framed(answer));
      }
    }
    return { came, status };
  }

  const [STAT, REQUEST, FINISH] = [0, 1, 3];

  /** Asks for the contents of all files, as BuildKit does for a context that it has never seen. */
  async function receive(headers: Record<string, string>, files: readonly number[]) {
    let left = files.length;
    const { came, status } = await call(DIFF, headers, Buffer.alloc(0), (packet) => {
      const fields = new Map(fieldsOf(packet));
      const kind = fields.get(1) ?? STAT;
      if (kind === STAT && !fields.has(2))
        return left === 0 ? message([1, FINISH]) : message([1, REQUEST], [3, files[0] as number]);
      if (kind === 2 && !fields.has(4)) {
        left--;
        const following = files[files.length - left];
        return left === 0 ? message([1, FINISH]) : message([1, REQUEST], [3, following as number]);
      }
      return undefined;
    });
    const packets = came.map((packet) => new Map(fieldsOf(packet)));
    const stats = packets.filter((each) => each.has(2));
    const data = packets.filter((each) => each.get(1) === 2 && each.has(4));
    return {
      status,
      names: stats.map((each) => textOf(new Map(fieldsOf(each.get(2) as Buffer)).get(1))),
      modes: stats.map((each) => new Map(fieldsOf(each.get(2) as Buffer)).get(2)),
      content: Buffer.concat(data.map((each) => each.get(4) as Buffer)),
    };
  }

  it("is said from the start", () => {
    expect(String(exposed)).toContain(DIFF);
    // Of another build's files none may be taken for one of these.
    expect(sharedKey).toMatch(/^[0-9a-f-]{36}$/);
    expect(String(exposed)).toContain("/moby.buildkit.secrets.v1.Secrets/GetSecret");
  });

  it("is the context, folder by folder, and what is asked for of it", async () => {
    const { names, modes, content, status } = await receive({ "dir-name": "context" }, [1]);
    expect(names).toEqual(["a", "a/big", "link"]);
    expect(modes).toEqual([0x80000000 + 0o755, 0o644, 0x08000000 + 0o777]);
    expect(content.equals(Buffer.concat([big, big]))).toBe(true);
    expect(status).toBe("0");
  });

  it("is the Dockerfile", async () => {
    const { names, content } = await receive({ "dir-name": "dockerfile" }, [0]);
    expect(names).toEqual(["Dockerfile"]);
    expect(content.toString()).toBe("FROM a\n");
  });

  it("is no further rule of what to leave out", async () => {
    const headers = { "dir-name": "context", followpaths: ".dockerignore" };
    expect((await receive(headers, [])).names).toEqual([]);
  });

  const ask = async (path: string, of: string) => {
    const { came, status } = await call(path, {}, message([1, of]));
    return { status, fields: came[0] === undefined ? undefined : new Map(fieldsOf(came[0])) };
  };

  it("is a secret that is given, and no other", async () => {
    const path = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
    const { status, fields } = await ask(path, "token");
    expect([status, textOf(fields?.get(1))]).toEqual(["0", "hush\0hush"]);
    for (const other of ["none", "constructor"])
      expect(await ask(path, other)).toEqual({ status: "5", fields: undefined });
  });

  it("is who a registry takes us for", async () => {
    const path = "/moby.filesync.v1.Auth/Credentials";
    const { fields } = await ask(path, "ghcr.io");
    expect([1, 2].map((at) => textOf(fields?.get(at)))).toEqual(["shop", "pw"]);
    expect((await ask(path, "other")).fields?.size).toBe(0);
    const { fields: token } = await ask(path, "azurecr.io");
    expect([1, 2].map((at) => textOf(token?.get(at)))).toEqual(["", "t"]);
  });

  it("is what an SSH agent or a key says, and never the key", async () => {
    const check = "/moby.sshforward.v1.SSH/CheckAgent";
    expect((await ask(check, "deploy")).status).toBe("0");
    expect((await ask(check, "none")).status).toBe("2");
    expect((await ask(check, "lost")).status).toBe("2");
    const stream = client.request({
      ...{ ":method": "POST", ":path": "/moby.sshforward.v1.SSH/ForwardAgent" },
      "buildkit.ssh.id": "deploy",
    });
    const agent = new AgentProtocol(true);
    const unframer = new Unframer();
    stream.on("data", (piece: Buffer) => {
      for (const each of unframer.take(piece)) agent.write(new Map(fieldsOf(each)).get(1));
    });
    agent.on("data", (asked: Buffer) => stream.write(framed(message([1, asked]))));
    const found = await new Promise<ParsedKey[]>((resolve, reject) =>
      agent.getIdentities((error, keys) => (error ? reject(error) : resolve(keys ?? []))),
    );
    expect(found.map((key) => key.getPublicSSH())).toEqual([key.getPublicSSH()]);
    const signature = await new Promise<Buffer>((resolve, reject) =>
      agent.sign(found[0]!, Buffer.from("text"), (error, said) =>
        error ? reject(error) : resolve(said!),
      ),
    );
    expect(key.verify(Buffer.from("text"), signature)).toBe(true);
    stream.close();
  });

  it("is that it is there, and nothing that it does not know", async () => {
    const { status, fields } = await ask("/grpc.health.v1.Health/Check", "x");
    expect([status, fields?.get(1)]).toEqual(["0", 1]);
    expect((await ask("/moby.filesync.v1.Auth/FetchToken", "x")).status).toBe("12");
  });
});

test("messages come out as they went in, however they are cut", () => {
  const field = fc.tuple(
    fc.integer({ min: 1, max: 100 }),
    fc.oneof(
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.array(field)), fc.integer({ min: 1, max: 9 }), (all, size) => {
      const sent = Buffer.concat(all.map((fields) => framed(message(...fields))));
      const unframer = new Unframer();
      const came: unknown[] = [];
      for (let at = 0; at < sent.length; at += size)
        came.push(...unframer.take(sent.subarray(at, at + size)).map(fieldsOf));
      expect(came).toEqual(all);
    }),
  );
});

describe("what a build says", () => {
  const trace = (...fields: readonly Field[]) =>
    JSON.stringify({ id: "moby.buildkit.trace", aux: message(...fields).toString("base64") });
  const step = (digest: string, name: string, error = "") =>
    message([1, digest], [3, name], [5, "started"], [7, error]);
  const log = (digest: string, text: string) => message([1, digest], [4, text]);
  const read = async (...lines: string[]) => {
    const reported: string[] = [];
    const text = lines.join("\n");
    const pieces = Array.from({ length: Math.ceil(text.length / 7) }, (_, at) =>
      Buffer.from(text.slice(at * 7, at * 7 + 7)),
    );
    return { reported, ...(await readBuild(Readable.from(pieces), (each) => reported.push(each))) };
  };

  it("is its steps, and nothing where all went well", async () => {
    expect(
      await read(
        trace([1, step("a", "[internal] load build definition")], [1, step("b", "[1/2] FROM a")]),
        trace([1, step("b", "[1/2] FROM a")], [3, log("b", "hello\n")]),
        JSON.stringify({ id: "moby.image.id", aux: { ID: "sha256:1" } }),
      ),
    ).toEqual({ reported: ["[1/2] FROM a"], lines: [] });
  });

  it("is the step that failed, with the last that it wrote", async () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join("");
    const {
      error,
      step: failed,
      lines: last,
    } = await read(
      trace(
        [1, step("b", "[2/2] RUN make")],
        [1, step("c", "RUN other")],
        [3, log("c", "noise\n")],
      ),
      trace([3, log("b", lines)]),
      trace([1, step("c", "RUN other", "context canceled")]),
      trace([1, step("b", "[2/2] RUN make", "exit code: 2")]),
      JSON.stringify({ errorDetail: { message: "exit code: 2" }, error: "exit code: 2" }),
    );
    expect([error, failed]).toEqual(["exit code: 2", "[2/2] RUN make"]);
    expect(last).toHaveLength(20);
    expect(last.at(-1)).toBe("line 29");
  });
});
