import { createHash, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { FlockerControl } from "../../provider/core/volume/flocker";
import { FlockerAgents, type Entry, type Mounts, type Node } from "./flocker-agents";
import { FlockerCertificates } from "./flocker-certificates";

/** What goes wrong when it is asked, as often as it says. */
export interface Faults {
  /** Answers 500, whose body is the bare id of a line in its log. */
  fails: number;
  /** Says nothing. */
  silent: number;
  /** Does what it is asked for, and the answer is lost. */
  loses: number;
  /** Somebody else has changed the configuration just before. */
  races: number;
}

const SIZE = 75 * 1024 ** 3;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Answer = readonly [status: number, body: unknown];
type Fields = Readonly<Record<string, unknown>>;

/**
 * Flocker's control service as its clients see it: REST API version 1 over mutual TLS, what is to
 * be kept apart from what is, with a tag of all that is to be.
 */
export class FlockerServer {
  readonly agents: FlockerAgents;
  readonly faults: Faults = { fails: 0, silent: 0, loses: 0, races: 0 };
  /** "POST /configuration/datasets" and so on, in their order. */
  readonly asked: string[] = [];
  connections = 0;
  #server: Server | undefined;
  #port = 0;
  readonly #control;

  private constructor(
    readonly certificates: FlockerCertificates,
    nodes: readonly Node[],
    mounts?: Mounts,
  ) {
    this.agents = new FlockerAgents(nodes, mounts);
    this.#control = certificates.control();
  }

  static async start(nodes: readonly Node[], mounts?: Mounts): Promise<FlockerServer> {
    const server = new FlockerServer(new FlockerCertificates(), nodes, mounts);
    await server.listen();
    return server;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** What a program says of it. */
  settings(user = "ferry"): FlockerControl {
    return { control: this.url, ca: this.certificates.ca, ...this.certificates.user(user) };
  }

  /** Again at its port, with all that it knew: it is on its disk. */
  async listen(): Promise<void> {
    const tls = { ...this.#control, ca: this.certificates.ca };
    const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true });
    this.#server = server;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
    server.on("secureConnection", (socket: TLSSocket) => {
      this.connections += 1;
      // Agents have a port of their own.
      if (!/^user-/.test(commonNameOf(socket))) socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Killed: whoever waits for an answer gets none. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async end(): Promise<void> {
    await this.kill();
    this.agents.stop();
    this.certificates.remove();
  }

  /** Those that are not deleted, by the name that metadata has. */
  named(name: string): Entry[] {
    const all = [...this.agents.entries.values()];
    return all.filter(({ deleted, metadata }) => !deleted && metadata["name"] === name);
  }

  /** As somebody else does, by Flocker's own means. */
  add(primary: string, metadata: Record<string, string>, size = SIZE): string {
    const id = randomUUID();
    const entry = { dataset_id: id, primary, deleted: false, metadata, maximum_size: size };
    this.agents.entries.set(id, entry);
    return id;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = "" } = request;
    const path = (request.url ?? "").replace(/^\/v1/, "");
    this.asked.push(`${method} ${path}`);
    if (this.#goesWrong("silent")) return;
    if (this.#goesWrong("fails")) {
      this.#answer(response, [500, "a1b2c3d4-log-id"]);
      return;
    }
    const body = method === "POST" ? parsed(Buffer.concat(parts).toString()) : {};
    const isChange = method !== "GET" && path.startsWith("/configuration/datasets");
    if (isChange && this.#goesWrong("races")) this.add(this.agents.nodes[0]!.uuid, {});
    const tag = request.headers["x-if-configuration-matches"];
    const isStale = isChange && tag !== undefined && tag !== this.#tag;
    const answer: Answer = isStale
      ? [412, { description: "the configuration has changed" }]
      : body === undefined
        ? [400, { description: "no JSON" }]
        : this.#route(method, path, body);
    if (method !== "GET" && this.#goesWrong("loses")) {
      request.socket.destroy();
      return;
    }
    this.#answer(response, answer);
  }

  #answer(response: ServerResponse, [status, body]: Answer): void {
    response.writeHead(status, {
      "Content-Type": "application/json",
      "X-Configuration-Tag": this.#tag,
    });
    response.end(JSON.stringify(body));
  }

  /** Of all that is to be, leases among it. */
  get #tag(): string {
    const { entries, leases } = this.agents;
    return createHash("sha256")
      .update(JSON.stringify([[...entries], [...leases]]))
      .digest("hex");
  }

  #goesWrong(how: keyof Faults): boolean {
    if (this.faults[how] === 0) return false;
    this.faults[how] -= 1;
    return true;
  }

  #route(method: string, path: string, body: Fields): Answer {
    const { entries, leases, connected, nodes } = this.agents;
    const [, id = ""] = /^\/configuration\/(?:datasets|leases)\/([^/]+)$/.exec(path) ?? [];
    switch (`${method} ${id === "" ? path : path.replace(id, "ID")}`) {
      case "GET /configuration/datasets":
        return [200, [...entries.values()]];
      case "GET /state/datasets":
        return [200, this.agents.states()];
      case "GET /state/nodes":
        return [200, nodes.filter(({ uuid }) => connected.has(uuid))];
      case "GET /configuration/leases":
        return [200, [...leases].map(([of, node]) => leaseOf(of, node))];
      case "POST /configuration/datasets":
        return this.#create(body);
      case "POST /configuration/datasets/ID":
        return this.#move(id, body);
      case "DELETE /configuration/datasets/ID":
        return this.#delete(id);
      case "POST /configuration/leases":
        return this.#lease(body);
      case "DELETE /configuration/leases/ID": {
        const node = leases.get(id);
        if (node === undefined) return [404, { description: "no lease" }];
        leases.delete(id);
        return [200, leaseOf(id, node)];
      }
      default:
        return [404, { description: "no such resource" }];
    }
  }

  #create(body: Fields): Answer {
    const errors = createErrors(body);
    if (errors.length > 0) return [400, { description: "not valid", errors }];
    const metadata = (body["metadata"] ?? {}) as Record<string, string>;
    const size = (body["maximum_size"] ?? SIZE) as number;
    const id = this.add(body["primary"] as string, metadata, size);
    return [201, this.agents.entries.get(id)];
  }

  #move(id: string, body: Fields): Answer {
    const entry = this.agents.entries.get(id);
    if (entry === undefined) return [404, { description: "no dataset" }];
    if (entry.deleted) return [405, { description: "it is deleted" }];
    const errors = unknownFields(body, ["primary"]);
    if (!UUID.test(String(body["primary"]))) errors.push("primary");
    if (errors.length > 0) return [400, { description: "not valid", errors }];
    entry.primary = body["primary"] as string;
    return [200, entry];
  }

  #delete(id: string): Answer {
    const entry = this.agents.entries.get(id);
    if (entry === undefined) return [404, { description: "no dataset" }];
    entry.deleted = true;
    return [200, entry];
  }

  #lease(body: Fields): Answer {
    const errors = unknownFields(body, ["dataset_id", "node_uuid", "expires"]);
    const { dataset_id: id, node_uuid: node, expires } = body;
    if (typeof id !== "string" || id.length !== 36 || typeof node !== "string") errors.push("id");
    if (expires === undefined) errors.push("expires");
    if (errors.length > 0) return [400, { description: "not valid", errors }];
    const { leases } = this.agents;
    const before = leases.get(id as string);
    if (before !== undefined && before !== node) return [409, { description: "already held" }];
    leases.set(id as string, node as string);
    return [before === undefined ? 201 : 200, leaseOf(id as string, node as string)];
  }
}

const leaseOf = (id: string, node: string) => ({ dataset_id: id, node_uuid: node, expires: null });

function commonNameOf(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  return String(subject.CN);
}

function parsed(text: string): Fields | undefined {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
}

const unknownFields = (body: Fields, known: readonly string[]): string[] =>
  Object.keys(body).filter((field) => !known.includes(field));

function createErrors(body: Fields): string[] {
  const errors = unknownFields(body, ["primary", "dataset_id", "maximum_size", "metadata"]);
  const { primary, maximum_size: size, metadata = {} } = body;
  if (!UUID.test(String(primary))) errors.push("primary");
  if (size !== undefined && size !== null) {
    const bytes = Number(size);
    if (!Number.isInteger(bytes) || bytes < 64 * 1024 ** 2 || bytes % 1024 !== 0)
      errors.push("maximum_size");
  }
  const pairs = Object.entries(metadata as Record<string, unknown>);
  const fits = ([key, value]: [string, unknown]) =>
    key.length <= 256 && typeof value === "string" && value.length <= 256;
  if (pairs.length > 16 || !pairs.every(fits)) errors.push("metadata");
  return errors;
}
