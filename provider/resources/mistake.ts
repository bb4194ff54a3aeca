import { RunError } from "@pulumi/pulumi";

/**
 * A mistake of the user's, which the engine tells without a stack trace, so it has none. When one
 * ends an output, the SDK colours the trace for its own records, and Node (22.23) takes 20 s for a
 * line of one that ends in "node_modules/@pulumi/output.ts:519", with nothing said meanwhile.
 */
export function mistake(message: string): RunError {
  const error = new RunError(message);
  error.stack = `${error.name}: ${message}`;
  return error;
}
