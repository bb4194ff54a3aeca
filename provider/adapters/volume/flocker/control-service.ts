import { Agent, request } from "https";
import { FerryError, type FaultKind } from "../../../core/errors";
import type {
  Dataset,
  DatasetLease,
  DatasetRequest,
  DatasetState,
  FlockerControl,
  FlockerNode,
} from "../../../core/volume/flocker";

/** Clients of Flocker's own verify it by this name, which each of its certificates has. */
const SERVER_NAME = "control-service";
const TAG = "x-configuration-tag";
const IF_TAG = "X-If-Configuration-Matches";

/** What it says of what is to be, and the tag of all of it. */
export interface Configured {
  readonly datasets: readonly Dataset[];
  /** Absent from old ones, which take any change. */
  readonly tag?: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly tag?: string;
}

/** A fault of the service that another attempt may not meet: it is away, or answers 5xx. */
export class ServiceTrouble extends FerryError {}

/**
 * Flocker's REST API, version 1, each call one request over the one connection that is kept. What a
 * call asks for may be asked for again: a name is looked up before it is made.
 */
export class ControlService {
  readonly #agent: Agent;
  readonly #url: URL;

  constructor(
    private readonly settings: FlockerControl,
    private readonly timeoutMs = 10_000,
  ) {
    const { control, ca, cert, key } = settings;
    this.#url = new URL(control);
    this.#agent = new Agent({
      ...{ keepAlive: true, maxSockets: 1, ca, cert, key },
      servername: SERVER_NAME,
    });
  }

  isWith({ control, ca, cert, key }: FlockerControl): boolean {
    const now = this.settings;
    return now.control === control && now.ca === ca && now.cert === cert && now.key === key;
  }

  async configured(): Promise<Configured> {
    const { body, tag } = await this.#get("/configuration/datasets");
    const datasets = this.#parsed(body) as Dataset[];
    return { datasets, ...(tag === undefined ? {} : { tag }) };
  }

  async states(): Promise<DatasetState[]> {
    return this.#parsed((await this.#get("/state/datasets")).body) as DatasetState[];
  }

  async nodes(): Promise<FlockerNode[]> {
    return this.#parsed((await this.#get("/state/nodes")).body) as FlockerNode[];
  }

  async leases(): Promise<DatasetLease[]> {
    return this.#parsed((await this.#get("/configuration/leases")).body) as DatasetLease[];
  }

  /** False when the configuration is another one by now. */
  create(dataset: DatasetRequest, tag: string | undefined): Promise<boolean> {
    return this.#change("POST", "/configuration/datasets", dataset, tag);
  }

  move(id: string, primary: string, tag: string | undefined): Promise<boolean> {
    return this.#change("POST", `/configuration/datasets/${id}`, { primary }, tag);
  }

  delete(id: string, tag: string | undefined): Promise<boolean> {
    return this.#change("DELETE", `/configuration/datasets/${id}`, undefined, tag);
  }

  /** False when another node has one. */
  async lease(id: string, node: string): Promise<boolean> {
    const body = { dataset_id: id, node_uuid: node, expires: null };
    const answer = await this.#ask("POST", "/configuration/leases", body);
    return this.#isDone(answer, 409);
  }

  async release(id: string): Promise<void> {
    this.#isDone(await this.#ask("DELETE", `/configuration/leases/${id}`), 404);
  }

  async #get(path: string): Promise<Answer> {
    const answer = await this.#ask("GET", path);
    if (answer.status !== 200) throw this.#refused(answer);
    return answer;
  }

  async #change(method: string, path: string, body: object | undefined, tag: string | undefined) {
    return this.#isDone(await this.#ask(method, path, body, tag), 412);
  }

  /** False for the one status that is an answer as well. */
  #isDone(answer: Answer, otherwise: number): boolean {
    if (answer.status === otherwise) return false;
    if (answer.status === 200 || answer.status === 201) return true;
    throw this.#refused(answer);
  }

  #ask(method: string, path: string, body?: object, tag?: string): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        reject(this.#unanswered(error));
      };
      const headers = {
        ...(text === undefined ? {} : { "Content-Type": "application/json" }),
        ...(tag === undefined ? {} : { [IF_TAG]: tag }),
      };
      const signal = AbortSignal.timeout(this.timeoutMs);
      try {
        const asked = request(
          new URL(`/v1${path}`, this.#url),
          { method, headers, agent: this.#agent, signal },
          (response) => {
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("error", failed);
            response.on("end", () => {
              const said = response.headers[TAG];
              resolve({
                status: response.statusCode ?? 0,
                body: Buffer.concat(parts).toString("utf8"),
                ...(typeof said === "string" ? { tag: said } : {}),
              });
            });
          },
        );
        asked.on("error", failed);
        asked.end(text);
      } catch (error) {
        // Certificates and keys are read as the connection is made.
        failed(error);
      }
    });
  }

  #parsed(body: string): unknown {
    try {
      return JSON.parse(body);
    } catch (error) {
      throw this.#fault("trouble", "its answer is no JSON", { cause: error });
    }
  }

  #unanswered(error: unknown): FerryError {
    const { code = "" } = error as { code?: string };
    if (code === "ABORT_ERR") {
      return this.#trouble(`no answer within ${this.timeoutMs / 1000} s`, error);
    }
    if (AWAY.includes(code)) return this.#trouble(AWAY_IN_WORDS[code] ?? code, error);
    return this.#fault("refused", `no connection over mutual TLS (${code})`, { cause: error });
  }

  #refused({ status, body }: Answer): FerryError {
    const reason = `it answers ${status}: ${descriptionOf(body)}`;
    return status >= 500 ? this.#trouble(reason) : this.#fault("trouble", reason);
  }

  #trouble(reason: string, cause?: unknown): ServiceTrouble {
    return new ServiceTrouble(
      { kind: "trouble", what: this.#what, reason, advice: ADVICE.trouble },
      { cause },
    );
  }

  #fault(kind: "refused" | "trouble", reason: string, options?: ErrorOptions): FerryError {
    return new FerryError({ kind, what: this.#what, reason, advice: ADVICE[kind] }, options);
  }

  get #what(): string {
    return `asking Flocker's control service at ${this.#url.host}`;
  }
}

const ADVICE: Readonly<Record<Extract<FaultKind, "refused" | "trouble">, string>> = {
  refused:
    "Look at `flocker` in the program: `ca` is the cluster's certificate, `cert` and `key` are an API user's, and the " +
    "address is that of the REST API (port 4523)",
  trouble: "See what the control service says in its log",
};

const AWAY_IN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was cut off, as it is where the service does not take `cert`",
  EPIPE: "the connection was cut off",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  EAI_AGAIN: "its name cannot be looked up",
  ENOTFOUND: "nobody knows its name",
};

const AWAY = Object.keys(AWAY_IN_WORDS);

/** A 500's body is the bare id of a line in its log. */
function descriptionOf(body: string): string {
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said === "string") return said;
    const { description = "" } = said as { description?: string };
    return description;
  } catch {
    return "no JSON";
  }
}
