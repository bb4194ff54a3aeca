import type { Failure, PlannedMove, Refusal } from "./place";

/** "2", "0.5": no more digits than say something. */
export const amount = (value: number) => String(Math.round(value * 100) / 100);

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${amount(bytes / 1024 ** power)} ${UNITS[power] ?? ""}`;
}

/** What failed on a host. */
export function failureInWords(failure: Failure): string {
  switch (failure.kind) {
    case "draining":
      return "it is to be drained";
    case "host":
      return failure.not === true
        ? "it is the host that is not wanted"
        : `it is not host '${failure.is}'`;
    case "label":
      return labelInWords(failure);
    case "near":
      return `near: '${failure.service}' is on other hosts`;
    case "apart":
      return `apart: '${failure.service}' is there`;
    case "with":
      return `it shares what is on one host with ${failure.replica}, which is on ${failure.host}`;
    case "cpus":
      return `cpus: ${amount(failure.needs)} wanted, ${amount(failure.free)} of ${amount(failure.of)} free`;
    case "memory":
      return `memory: ${size(failure.needs)} wanted, ${size(failure.free)} of ${size(failure.of)} free`;
  }
}

function labelInWords({ label, is, not, has, secret }: Failure & { kind: "label" }): string {
  if (secret === true) return `its label '${label}' is not as wanted`;
  if (not === true) return `its label '${label}' is '${is}'`;
  return has === undefined
    ? `it has no label '${label}', which is to be '${is}'`
    : `its label '${label}' is '${has}', not '${is}'`;
}

const all = (failures: readonly Failure[]) => failures.map(failureInWords).join(", ");

/** Of a wish that no host meets: the constraint that failed on each. */
export function refusalInWords(deployment: string, { key, hosts }: Refusal): string {
  const each = Object.entries(hosts).map(([host, failures]) => `${host}: ${all(failures)}`);
  return `Deployment '${deployment}': place: no host for ${key}. ${each.join("; ")}.`;
}

/** Why the program's wish for a better placement moves it. */
export function reasonInWords({ from, to, reason }: PlannedMove): string {
  if (reason.kind === "broken") return `on ${from} ${all(reason.failures)}; ${to} is as wanted`;
  const { here, there } = reason;
  const what = reason.kind === "binpack" ? "" : ` of '${reason.service}'`;
  if (reason.kind === "spread" && reason.label !== undefined)
    return `spread: beside it hosts with the label '${reason.label}' of ${from} have ${here}${what}, those with that of ${to} ${there}`;
  return `${reason.kind}: beside it ${from} has ${here}${what}, ${to} has ${there}`;
}
