/** One thing wrong with a compose file: where in it, and why, with the way out. */
export interface FileProblem {
  /**
   * As a user would write it: `services.web.ports[0]`, or `line 3, column 5`; empty for the whole
   * file.
   */
  readonly path: string;
  readonly reason: string;
}

/** "fig.yml: services.web.ports[0]: ..." */
export function problemLine(fileName: string, problem: FileProblem): string {
  return [fileName, problem.path, problem.reason].filter((part) => part !== "").join(": ");
}

const SHOWN = 60;

/** A user's text inside a message: quoted, on one line, not endless. */
export function quoted(text: string): string {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `'${JSON.stringify(cut).slice(1, -1).replaceAll('\\"', '"')}'`;
}

/**
 * Collects what is wrong in one file. Only the first problem of a path counts: what follows from it
 * is noise.
 */
export class Problems {
  readonly errors: FileProblem[] = [];
  readonly warnings: FileProblem[] = [];
  private readonly paths = new Set<string>();
  private readonly filledIn = new Map<string, string>();

  add(path: string, reason: string): void {
    if (this.paths.has(path)) return;
    this.paths.add(path);
    this.errors.push({ path, reason });
  }

  warn(path: string, reason: string): void {
    this.warnings.push({ path, reason });
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

/** A place in the file, and where to report what is wrong there. */
export class Place {
  constructor(
    readonly path: string,
    private readonly problems: Problems,
  ) {}

  key(name: string): Place {
    if (!/^[A-Za-z0-9_-]+$/.test(name) || name.length > SHOWN)
      return new Place(`${this.path}["${quoted(name).slice(1, -1)}"]`, this.problems);
    return new Place(this.path === "" ? name : `${this.path}.${name}`, this.problems);
  }

  /** The whole file. */
  top(): Place {
    return new Place("", this.problems);
  }

  index(index: number): Place {
    return new Place(`${this.path}[${index}]`, this.problems);
  }

  /**
   * Undefined, so that a parser can `return at.problem(...)`; or what to go on with, to find
   * further problems.
   */
  problem<T>(reason: string, goOnWith?: T): T | undefined {
    this.problems.add(this.path, reason);
    return goOnWith;
  }

  warn(reason: string): void {
    this.problems.warn(this.path, reason);
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
