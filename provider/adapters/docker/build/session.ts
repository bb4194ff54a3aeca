import { randomUUID } from "crypto";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "http2";
import type { Duplex } from "stream";
import type Dockerode from "dockerode";
import type { BuildRequest, SourceEntry } from "../../../core/build/build-request";
import { TOKEN } from "../../../core/image/registry";
import { dial } from "./dial";
import { sendFolder } from "./send-folder";
import { openAgent as agentAt } from "./ssh-agent";
import { fieldsOf, framed, message, piecesOf, textOf, Unframer } from "./wire";

/** What BuildKit may ask of us while it builds. */
const FOLDERS = "/moby.filesync.v1.FileSync/DiffCopy";
const SECRETS = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const LOGIN = "/moby.filesync.v1.Auth/Credentials";
const HEALTH = "/grpc.health.v1.Health/Check";

const AGENT_IS_THERE = "/moby.sshforward.v1.SSH/CheckAgent";
const AGENT = "/moby.sshforward.v1.SSH/ForwardAgent";

const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const UNKNOWN = 2;

type Given = Pick<BuildRequest, "context" | "dockerfile" | "secrets" | "credentials" | "agents">;

export interface Session {
  readonly id: string;
  close(): void;
}

/**
 * A connection through which BuildKit asks for what a build needs of this machine: the context, the
 * Dockerfile and secrets. The host's Docker is its client, so that neither a `docker` command nor a
 * file of ours is needed there.
 */
export async function openSession(docker: Dockerode, given: Given): Promise<Session> {
  const id = randomUUID();
  const socket = await dial<Duplex>(docker, {
    method: "POST",
    path: "/session",
    hijack: true,
    headers: {
      Upgrade: "h2c",
      "X-Docker-Expose-Session-Uuid": id,
      "X-Docker-Expose-Session-Name": "pulumi-ferry",
      // BuildKit takes a file of the same size and time for the one that it had by this key before,
      // and all of ours have one time.
      "X-Docker-Expose-Session-Sharedkey": id,
      "X-Docker-Expose-Session-Grpc-Method": [
        FOLDERS,
        SECRETS,
        LOGIN,
        HEALTH,
        AGENT_IS_THERE,
        AGENT,
      ],
    },
    statusCodes: { 101: true, 200: true, 500: "server error" },
  });
  const server = createServer();
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    void answer(stream, headers, given);
  });
  server.on("sessionError", () => undefined);
  server.emit("connection", socket);
  return { id, close: () => socket.destroy() };
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  given: Given,
): Promise<void> {
  try {
    switch (headers[":path"]) {
      case FOLDERS:
        begin(stream);
        await sendFolder(stream, folderOf(headers, given));
        stream.end();
        break;
      case SECRETS: {
        const wanted = textOf(new Map(fieldsOf(await onlyMessage(stream))).get(1));
        const secret = Object.hasOwn(given.secrets, wanted) ? given.secrets[wanted] : undefined;
        if (secret === undefined) refuse(stream, NOT_FOUND, `no secret '${wanted}' is given`);
        else reply(stream, message([1, secret]));
        break;
      }
      case LOGIN: {
        const registry = textOf(new Map(fieldsOf(await onlyMessage(stream))).get(1));
        const { username = "", password = "" } = (await given.credentials(registry)) ?? {};
        reply(stream, message([1, username === TOKEN ? "" : username], [2, password]));
        break;
      }
      case AGENT_IS_THERE:
        openAgent(given, textOf(new Map(fieldsOf(await onlyMessage(stream))).get(1))).destroy();
        reply(stream, message());
        break;
      case AGENT: {
        const agent = openAgent(given, String(headers["buildkit.ssh.id"] ?? ""));
        begin(stream);
        await lendAgent(stream, agent);
        break;
      }
      case HEALTH:
        reply(stream, message([1, 1]));
        break;
      default:
        refuse(stream, UNIMPLEMENTED, "not here");
    }
    // What is left unread would keep the stream open, and BuildKit opens a hundred at most.
    stream.resume();
  } catch (error) {
    // The build fails by it, and says so.
    if (stream.headersSent) stream.close();
    else refuse(stream, UNKNOWN, (error as Error).message);
  }
}

function openAgent({ agents = {} }: Given, said: string): Duplex {
  const id = said === "" ? "default" : said;
  const path = Object.hasOwn(agents, id) ? agents[id] : undefined;
  if (path === undefined) throw new Error(`no SSH agent '${id}' is given: \`build.ssh\` has it`);
  return agentAt(path);
}

/** What the step and the agent say to each other, as messages of one field. */
async function lendAgent(stream: ServerHttp2Stream, agent: Duplex): Promise<void> {
  const unframer = new Unframer();
  agent.on("data", (said: Buffer) => stream.write(framed(message([1, said]))));
  agent.on("error", () => stream.close());
  agent.on("close", () => stream.end());
  try {
    for await (const piece of piecesOf(stream))
      for (const asked of unframer.take(piece)) {
        const data = new Map(fieldsOf(asked)).get(1);
        if (Buffer.isBuffer(data)) agent.write(data);
      }
  } finally {
    agent.destroy();
    stream.end();
  }
}

/** What is left out is left out already; BuildKit is to look for no more rules of that kind. */
function folderOf(headers: IncomingHttpHeaders, given: Given): readonly SourceEntry[] {
  if (headers["dir-name"] === "dockerfile") return [dockerfileEntry(given.dockerfile)];
  return String(headers["followpaths"]).endsWith(".dockerignore") ? [] : given.context;
}

function dockerfileEntry(text: string): SourceEntry {
  const content = Buffer.from(text);
  async function* read() {
    await Promise.resolve();
    yield content;
  }
  return { path: "Dockerfile", kind: "file", mode: 0o644, size: content.length, read };
}

const TRAILERS = { waitForTrailers: true };
const GRPC = { ":status": 200, "content-type": "application/grpc" };

function begin(stream: ServerHttp2Stream, status: Record<string, string> = { "grpc-status": "0" }) {
  stream.respond(GRPC, TRAILERS);
  stream.on("wantTrailers", () => stream.sendTrailers(status));
}

function reply(stream: ServerHttp2Stream, answered: Buffer): void {
  begin(stream);
  stream.end(framed(answered));
}

function refuse(stream: ServerHttp2Stream, status: number, why: string): void {
  begin(stream, { "grpc-status": String(status), "grpc-message": encodeURIComponent(why) });
  stream.end();
}

async function onlyMessage(stream: ServerHttp2Stream): Promise<Buffer> {
  const unframer = new Unframer();
  for await (const piece of piecesOf(stream)) {
    const [first] = unframer.take(piece);
    if (first !== undefined) return first;
  }
  return Buffer.alloc(0);
}
