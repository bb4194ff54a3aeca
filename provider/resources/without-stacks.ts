/** Node's own, which may be unset. */
type Formats = Partial<Pick<ErrorConstructor, "stackTraceLimit" | "prepareStackTrace">>;

/**
 * Until the returned function is called, a stack is no more than its error's text. The SDK formats
 * several for each resource, for where it stands in the program and should a promise leak: half of
 * all that a program of a thousand replicas does, and frames of Ferry's own tell nobody anything.
 * In the SDK's code alone: an error of Ferry's or of a program's must keep its stack.
 */
export function withoutStacks(): () => void {
  const formats: Formats = Error;
  const former = { ...formats };
  formats.stackTraceLimit = 0;
  // The SDK sets the limit anew where it asks where a resource stands.
  formats.prepareStackTrace = (error) => String(error);
  return () => {
    delete formats.prepareStackTrace;
    Object.assign(formats, former);
  };
}
