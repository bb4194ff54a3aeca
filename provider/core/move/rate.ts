const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  bit: 1 / 8,
  kbit: 1e3 / 8,
  mbit: 1e6 / 8,
  gbit: 1e9 / 8,
};

/** "50MB/s", "50 MiB/s", "400Mbit/s", "400 Mbps" in bytes per second; NaN for anything else. */
export function parseRate(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*?)(?:\/s|ps)?\s*$/i.exec(text);
  const [, digits = "", unit = ""] = match ?? [];
  // "400 Mbps" means bits, whatever the case of its b.
  const bits = /bps\s*$/i.test(text) ? unit.replace(/b$/i, "bit") : unit;
  const factor = UNITS[bits.toLowerCase()];
  return match === null || factor === undefined ? NaN : Number(digits) * factor;
}
