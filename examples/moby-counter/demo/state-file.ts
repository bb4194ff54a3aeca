/** Bytes of the longest `__provider` text in an exported state. */
export function longestProvider(state: string): number {
  const { deployment } = JSON.parse(state) as {
    deployment: {
      resources: { inputs?: Record<string, unknown>; outputs?: Record<string, unknown> }[];
    };
  };
  const texts = deployment.resources.flatMap(({ inputs, outputs }) => [
    inputs?.["__provider"],
    outputs?.["__provider"],
  ]);
  return Math.max(
    0,
    ...texts.map((text) => (typeof text === "string" ? Buffer.byteLength(text) : 0)),
  );
}

/** The names of those secrets that stand in clear, whole or by line, in an exported state. */
export function secretsInClear(state: string, secrets: Readonly<Record<string, string>>): string[] {
  const shows = (secret: string) =>
    secret
      .split("\n")
      .filter((line) => line.length >= 8 && !line.startsWith("-----"))
      .some((line) => state.includes(line));
  return Object.keys(secrets).filter((name) => shows(secrets[name] ?? ""));
}
