/** By code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By service, then by index as a number: "web-2" comes before "web-10". */
export function compareReplicas(a: string, b: string): number {
  const [serviceA, indexA] = splitIndex(a);
  const [serviceB, indexB] = splitIndex(b);
  return compareText(serviceA, serviceB) || indexA - indexB || compareText(a, b);
}

function splitIndex(key: string): [string, number] {
  const match = /^(.*)-(\d{1,15})$/s.exec(key);
  return match ? [match[1] ?? "", Number(match[2])] : [key, -1];
}

/** "'a', 'b', 'c' and 4 more": never a wall of names in a message. */
export function nameSome(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => `'${name}'`);
  if (names.length > most) return `${shown.join(", ")} and ${names.length - most} more`;
  return shown.length > 1
    ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1) ?? ""}`
    : shown.join();
}
