import type { Readable } from "stream";
import { StringDecoder } from "string_decoder";
import { fieldsOf, textOf } from "./wire";

/** What a build said, as far as an error has to tell it. */
export interface BuildOutput {
  /** Absent when all went well. */
  readonly error?: string;
  /** The step that failed: "[2/3] RUN npm ci". */
  readonly step?: string;
  /** The last lines that this step wrote. */
  readonly lines: readonly string[];
}

interface Line {
  readonly id?: string;
  readonly aux?: unknown;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

const LAST_LINES = 20;
const LAST_BYTES = 8 * 1024;

/** Reads what Docker writes while BuildKit builds, to its end. */
export async function readBuild(
  stream: Readable,
  tell: (step: string) => void,
): Promise<BuildOutput> {
  const decoder = new StringDecoder();
  const steps = new Steps(tell);
  let rest = "";
  let error: string | undefined;
  const take = (text: string) => {
    if (text.trim() === "") return;
    const line = JSON.parse(text) as Line;
    error = line.errorDetail?.message ?? line.error ?? error;
    if (line.id === "moby.buildkit.trace" && typeof line.aux === "string")
      steps.take(Buffer.from(line.aux, "base64"));
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  take(rest + decoder.end());
  return { ...(error === undefined ? {} : { error, ...steps.failed() }), lines: steps.lines() };
}

/** What BuildKit tells of its steps. */
class Steps {
  private readonly names = new Map<string, string>();
  private readonly written = new Map<string, string>();
  private failedOne: string | undefined;

  constructor(private readonly tell: (step: string) => void) {}

  take(status: Buffer): void {
    for (const [field, value] of fieldsOf(status)) {
      if (!Buffer.isBuffer(value)) continue;
      if (field === 1) this.step(new Map(fieldsOf(value)));
      if (field === 3) this.log(new Map(fieldsOf(value)));
    }
  }

  failed(): { step?: string } {
    const name = this.names.get(this.failedOne ?? "");
    return name === undefined ? {} : { step: name };
  }

  lines(): string[] {
    const text = this.written.get(this.failedOne ?? "") ?? "";
    return text
      .trimEnd()
      .split("\n")
      .slice(-LAST_LINES)
      .filter((line) => line.trim() !== "");
  }

  private step(fields: Map<number, number | Buffer>): void {
    const [digest, name, failure] = [fields.get(1), fields.get(3), fields.get(7)].map(textOf);
    if (digest === undefined || name === undefined) return;
    const isNew = !this.names.has(digest) && fields.has(5);
    if (isNew) {
      this.names.set(digest, name);
      if (!name.startsWith("[internal]")) this.tell(name);
    }
    // What follows from it is called off, and has an error too.
    if (failure !== "" && failure !== undefined && !/context canceled/.test(failure))
      this.failedOne ??= digest;
  }

  private log(fields: Map<number, number | Buffer>): void {
    const digest = textOf(fields.get(1));
    const text = (this.written.get(digest) ?? "") + textOf(fields.get(4));
    this.written.set(digest, text.slice(-LAST_BYTES));
  }
}
