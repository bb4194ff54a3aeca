export type Fields = Record<string, unknown>;

/** Paths of what is wrong, each with why. */
export type SettingsProblem = readonly [path: string, reason: string];

export function fieldsOf(
  value: unknown,
  at: string,
  problems: SettingsProblem[],
  known: readonly string[],
): Fields {
  if (value === undefined || value === true) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push([at, `is true, or an object of ${known.join(", ")}`]);
    return {};
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name))
      problems.push([`${at}.${name}`, `is not known; there is ${known.join(", ")}`]);
  }
  return value as Fields;
}

export function flag(value: unknown, at: string, problems: SettingsProblem[]): boolean {
  if (value !== undefined && typeof value !== "boolean") problems.push([at, "is true or false"]);
  return value !== false;
}

export function text(
  value: unknown,
  at: string,
  form: RegExp,
  what: string,
  problems: SettingsProblem[],
): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && form.test(value)) return value;
  problems.push([at, `is no text that is ${what}; it must be known when the program runs`]);
  return undefined;
}
