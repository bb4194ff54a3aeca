import { randomBytes } from "crypto";
import { Transform, type TransformCallback } from "stream";

/**
 * Whatever a host prints beside a command's answer (a `.bashrc` with an `echo`, a message of the
 * day, a trap at its end) is told from it by a mark that is new for each command: the script that
 * we run prints it before the answer and behind it.
 */
export interface Frame {
  readonly mark: string;
  /** Runs the words between two marks. */
  readonly around: (argv: readonly string[]) => string[];
  /** In front of the words, inside the frame: tells the process's id on stderr. */
  readonly announcing: (argv: readonly string[]) => string[];
}

/**
 * The mark comes in two halves: a shell that prints what it is told to run (`set -v`) does not
 * print the mark.
 */
const AROUND =
  'm=$1$2; shift 2; echo "$m"; echo "$m" >&2; (exec "$@"); c=$?; echo "$m$c"; echo "$m" >&2; exit "$c"';

/**
 * So that the command can be ended from another session: sshd passes signals on neither to what
 * runs behind sudo nor, where root logs in, to anything.
 */
const ANNOUNCING = 'echo "$1$2$$" >&2; shift 2; exec "$@"';

export function newFrame(): Frame {
  const halves = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
  return {
    mark: halves.join(""),
    around: (argv) => ["sh", "-c", AROUND, "sh", ...halves, ...argv],
    announcing: (argv) => ["sh", "-c", ANNOUNCING, "sh", ...halves, ...argv],
  };
}

/**
 * What the command itself wrote to stderr, as far as it has come; all of it where no mark has come.
 */
export function framedStderr(mark: string, text: string): { said: string; processId?: number } {
  const begin = text.indexOf(`${mark}\n`);
  if (begin < 0) return { said: text };
  const framed = text.slice(begin + mark.length + 1);
  const id = framed.startsWith(mark) ? /^(\d+)\n/.exec(framed.slice(mark.length)) : null;
  const said = id === null ? framed : framed.slice(mark.length + id[0].length);
  const end = said.indexOf(mark);
  const own = end < 0 ? said : said.slice(0, end);
  return id === null ? { said: own } : { said: own, processId: Number(id[1]) };
}

const MOST_NOISE = 2_000;

/** Lets through what stands between the two marks of standard output, as soon as it comes. */
export class Unframed extends Transform {
  /** The answer has begun: the shell at the other end runs what it is told. */
  begun = false;
  /** As the mark behind the answer has it. */
  exitCode: number | undefined;
  /** The beginning of what came before the answer. */
  noise = "";
  private ended = false;
  private left: Buffer = Buffer.alloc(0);
  private readonly head: Buffer;
  private readonly tail: Buffer;

  constructor(mark: string) {
    super();
    this.head = Buffer.from(`${mark}\n`);
    this.tail = Buffer.from(mark);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.left = this.left.length === 0 ? chunk : Buffer.concat([this.left, chunk]);
    if (!this.begun) this.begin();
    if (this.begun && !this.ended) this.answer();
    if (this.ended) this.code();
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.begun && !this.ended) this.push(this.left);
    else if (!this.begun) this.ignore(this.left.length);
    done();
  }

  private begin(): void {
    const at = this.left.indexOf(this.head);
    this.begun = at >= 0;
    this.ignore(this.begun ? at : this.left.length - startOf(this.left, this.head));
    if (this.begun) this.left = this.left.subarray(this.head.length);
  }

  private answer(): void {
    const at = this.left.indexOf(this.tail);
    this.ended = at >= 0;
    const length = this.ended ? at : this.left.length - startOf(this.left, this.tail);
    if (length > 0) this.push(this.left.subarray(0, length));
    this.left = this.left.subarray(length);
  }

  private code(): void {
    const code = /^(\d{1,3})\n/.exec(this.left.subarray(this.tail.length).toString("latin1"))?.[1];
    if (code !== undefined) this.exitCode = Number(code);
    // Whatever follows is noise again.
    this.left = this.left.subarray(0, this.tail.length + 4);
  }

  private ignore(length: number): void {
    const room = MOST_NOISE - this.noise.length;
    if (room > 0) this.noise += this.left.subarray(0, Math.min(length, room)).toString();
    this.left = this.left.subarray(length);
  }
}

/** How much of the end may be the beginning of a mark whose rest has not come yet. */
function startOf(data: Buffer, mark: Buffer): number {
  for (let length = Math.min(data.length, mark.length - 1); length > 0; length--) {
    if (data.subarray(-length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
