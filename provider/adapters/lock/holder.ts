import { lostFailure } from "../ssh/failures";
import type { Host, StreamingCommand } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

const HOLDER = hostProgram("lock/holder.sh");

/** Without a sign of life from its client for so long, a holder ends, and its locks with it. */
const SILENCE_SECONDS = 60;

/** A sign of life goes out so often... */
const BEAT_SECONDS = 15;
/**
 * ...and without any answer for so long, the locks count as lost: well before the holder gives them
 * up.
 */
const UNANSWERED_SECONDS = 45;

/** Who has a lock that was asked for. */
export interface Owner {
  readonly since: string;
  readonly owner: string;
  readonly reason: string;
}

/** The holder's first word. */
const PLACE = "at";

type Answer = (fields: readonly string[]) => void;

/** The process on a host that holds this run's locks there, and the session to it. */
export class Holder {
  readonly #pending = new Map<string, { answer: Answer; fail: (error: Error) => void }>();
  /** Where its locks are: equal for two names of one machine, and for nothing else. */
  readonly place: Promise<string>;
  readonly #stream: StreamingCommand;
  readonly #beats: NodeJS.Timeout;
  #ended = new Error("it has not ended");
  #hasEnded = false;
  #nextId = 0;
  #lastAnswer = performance.now();
  #unread = "";

  private constructor(
    host: Host,
    stream: StreamingCommand,
    readonly onEnd: () => void,
  ) {
    this.#stream = stream;
    this.place = new Promise((answer, fail) => {
      this.#pending.set(PLACE, { answer: ([, place = ""]) => answer(place), fail });
    });
    this.place.catch(() => undefined);
    stream.stdin.on("error", () => undefined);
    stream.stdout.on("error", () => undefined);
    stream.stdout.on("data", (chunk: Buffer | string) => this.#read(chunk.toString()));
    const lost = () =>
      lostFailure({ name: host.name, settings: host.connection }, "holding a lock");
    stream.done.then(
      ({ exitCode, stderr }) =>
        this.#end(exitCode === 0 || exitCode === 143 ? lost() : new HolderFailed(stderr.trim())),
      (error: unknown) => this.#end(error instanceof Error ? error : lost()),
    );
    this.#beats = setInterval(() => this.#beat(), BEAT_SECONDS * 1000).unref();
  }

  static async on(host: Host, base: string, onEnd: () => void): Promise<Holder> {
    const argv = ["sh", "-c", HOLDER, "sh", base, String(SILENCE_SECONDS)];
    return new Holder(host, await host.shell.stream({ argv, root: true }), onEnd);
  }

  /** Nothing can be said any more of what it held. */
  get lost(): boolean {
    return this.#hasEnded || performance.now() - this.#lastAnswer > UNANSWERED_SECONDS * 1000;
  }

  /** undefined: it is ours. */
  async acquire(file: string, owner: string, reason: string): Promise<Owner | undefined> {
    const [verdict, , since = "", who = "", what = ""] = await this.#ask([
      "acquire",
      file,
      owner,
      reason,
    ]);
    return verdict === "ok" ? undefined : { since, owner: who, reason: what };
  }

  async release(file: string): Promise<void> {
    await this.#ask(["release", file]);
  }

  /** Ends it, and waits until it is gone with all that it held. */
  async close(): Promise<void> {
    this.#stream.stdin.end();
    await this.#stream.done.catch(() => undefined);
  }

  #ask([verb = "", ...fields]: readonly string[]): Promise<readonly string[]> {
    return new Promise((answer, fail) => {
      if (this.#hasEnded) {
        fail(this.#ended);
        return;
      }
      const id = String(this.#nextId++);
      this.#pending.set(id, { answer, fail });
      this.#stream.stdin.write(`${[verb, id, ...fields].join("\t")}\n`);
    });
  }

  #beat(): void {
    this.#ask(["beat"]).catch(() => undefined);
  }

  #read(text: string): void {
    const lines = (this.#unread + text).split("\n");
    this.#unread = lines.pop() ?? "";
    for (const line of lines) {
      this.#lastAnswer = performance.now();
      const fields = line.split("\t");
      const id = fields[0] === PLACE ? PLACE : (fields[1] ?? "");
      this.#pending.get(id)?.answer(fields);
      this.#pending.delete(id);
    }
  }

  #end(error: Error): void {
    this.#hasEnded = true;
    this.#ended = error;
    clearInterval(this.#beats);
    for (const { fail } of this.#pending.values()) fail(error);
    this.#pending.clear();
    this.onEnd();
  }
}

/** The holder could not do its work, in its own words. */
export class HolderFailed extends Error {}
