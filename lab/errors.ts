/**
 * A failure told to a person in one sentence that says what to do; the command line prints it
 * without a stack.
 */
export class LabError extends Error {
  override readonly name = "LabError";

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
