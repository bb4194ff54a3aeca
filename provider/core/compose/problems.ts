/** One thing wrong with a compose file: where in it, and why, with the way out. */
export interface FileProblem {
  /** As a user would write it: `services.web.ports[0]`; empty for the whole file. */
  readonly path: string;
  readonly reason: string;
  /** Where it stands in the text, or what holds it. Absent for the whole file. */
  readonly at?: Position;
}

/** In a text, both counted from 1, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The file, where several were given. */
  readonly file?: string;
}

/** "fig.yml:4:7: services.web.ports[0]: ...", which editors and terminals make a link of. */
export function problemLine(fileName: string, { path, reason, at }: FileProblem): string {
  const file = at === undefined ? fileName : `${at.file ?? fileName}:${at.line}:${at.column}`;
  return [file, path, reason].filter((part) => part !== "").join(": ");
}

const SHOWN = 60;

/** A user's text inside a message: quoted, on one line, not endless. */
export function quoted(text: string): string {
  const truncated = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `'${JSON.stringify(truncated).slice(1, -1).replaceAll('\\"', '"')}'`;
}

/**
 * Collects what is wrong in one file. Only the first problem of a path counts: what follows from it
 * is noise.
 */
export class Problems {
  readonly errors: FileProblem[] = [];
  readonly warnings: FileProblem[] = [];
  private readonly noted = new Map<string, { paths: string[]; at: Position | undefined }>();
  private readonly paths = new Set<string>();
  private readonly filledIn = new Map<string, string>();

  /** `positions`: where each place stands in the text, by path. */
  constructor(private readonly positions: ReadonlyMap<string, Position> = new Map()) {}

  add(path: string, reason: string, at?: Position): void {
    if (this.paths.has(path)) return;
    this.paths.add(path);
    this.errors.push({ path, reason, ...(at === undefined ? {} : { at }) });
  }

  warn(path: string, reason: string, at?: Position): void {
    this.warnings.push({ path, reason, ...(at === undefined ? {} : { at }) });
  }

  /**
   * What is read in another way than its author may think; places of one reason are told at once.
   */
  note(path: string, reason: string, at?: Position): void {
    const known = this.noted.get(reason);
    if (known === undefined) this.noted.set(reason, { paths: [path], at });
    else if (!known.paths.includes(path)) known.paths.push(path);
  }

  get notes(): FileProblem[] {
    return [...this.noted].map(([reason, { paths, at }]) => ({
      path: severalPaths(paths),
      reason,
      ...(at === undefined ? {} : { at }),
    }));
  }

  positionOf(path: string): Position | undefined {
    return this.positions.get(path);
  }

  /**
   * The value at this path came out of variables: messages show what the file says, as the value
   * may be secret.
   */
  markFilledIn(path: string, written: string): void {
    this.filledIn.set(path, written);
  }

  written(path: string): string | undefined {
    return this.filledIn.get(path);
  }
}

const SHOWN_PATHS = 5;

function severalPaths(paths: readonly string[]): string {
  const more = paths.length - SHOWN_PATHS;
  return paths.slice(0, SHOWN_PATHS).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** A place in the file, and where to report what is wrong there. */
export class Place {
  constructor(
    readonly path: string,
    private readonly problems = new Problems(),
    private readonly holder?: Place,
  ) {}

  key(name: string): Place {
    if (!/^[A-Za-z0-9_-]+$/.test(name) || name.length > SHOWN)
      return this.inside(`${this.path}["${quoted(name).slice(1, -1)}"]`);
    return this.inside(this.path === "" ? name : `${this.path}.${name}`);
  }

  /** The whole file. */
  top(): Place {
    return new Place("", this.problems);
  }

  index(index: number): Place {
    return this.inside(`${this.path}[${index}]`);
  }

  private inside(path: string): Place {
    return new Place(path, this.problems, this);
  }

  /** Of what is not there itself, that of what should hold it. */
  private get position(): Position | undefined {
    return this.problems.positionOf(this.path) ?? this.holder?.position;
  }

  /**
   * Undefined, so that a parser can `return at.problem(...)`; or what to go on with, to find
   * further problems.
   */
  problem<T>(reason: string, goOnWith?: T): T | undefined {
    this.problems.add(this.path, reason, this.position);
    return goOnWith;
  }

  warn(reason: string): void {
    this.problems.warn(this.path, reason, this.position);
  }

  note(reason: string): void {
    this.problems.note(this.path, reason, this.position);
  }

  /**
   * A value of this place for a message; what the file says instead when variables were filled in.
   */
  show(text: string): string {
    const written = this.problems.written(this.path);
    return written === undefined ? quoted(text) : `${quoted(written)} (variables filled in)`;
  }

  markFilledIn(written: string): void {
    this.problems.markFilledIn(this.path, written);
  }
}
