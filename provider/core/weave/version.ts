/** A released version of Weave Net. */
export interface WeaveVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/**
 * Reads "2.6.5", "v2.8.1" or "weave script 1.9.8". undefined for a build without a number, such as
 * "unreleased" or "git-0a1b2c3".
 */
export function parseVersion(text: string): WeaveVersion | undefined {
  const match = /(?:^|[\sv])(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** True when `version` is `major.minor` or later. */
export function atLeast(version: WeaveVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
