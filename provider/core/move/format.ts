const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** "512 B", "1.2 MB", "104 MB": decimal units, as Docker's own figures have them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = "B";
  for (const next of UNITS) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** "48.0 MB/s"; "-" for a time too short to tell. */
export function formatRate(bytes: number, milliseconds: number): string {
  return milliseconds < 1 ? "-" : `${formatBytes((bytes * 1000) / milliseconds)}/s`;
}

/** "412 ms", "3.2 s", "4 min 10 s". */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "1 round", "3 rounds". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
