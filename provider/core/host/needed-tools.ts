/**
 * Programs whose busybox kin lack what Ferry's scripts ask of them, by the package that has them in
 * most distributions: `find -printf`, `sed -z`, `comm -z`, `stat` with fractions of seconds,
 * `flock -w` and others. Whatever else the scripts use, busybox has as well.
 */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  coreutils: ["comm", "date", "du", "head", "mv", "sha256sum", "sort", "stat", "touch", "uniq"],
  findutils: ["find", "xargs"],
  grep: ["grep"],
  sed: ["sed"],
  "util-linux": ["flock"],
};

export const NEEDED_TOOLS: readonly string[] = Object.values(PACKAGES).flat();

/** Of each of them, its package. */
export const PACKAGE_OF_TOOL: readonly (readonly [tool: string, name: string])[] = Object.entries(
  PACKAGES,
).flatMap(([name, tools]) => tools.map((tool) => [tool, name] as const));

/** What is to be installed to have them. */
export function packagesFor(tools: readonly string[]): string[] {
  return Object.entries(PACKAGES)
    .filter(([, programs]) => programs.some((program) => tools.includes(program)))
    .map(([name]) => name);
}
