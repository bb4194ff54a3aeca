import { machineFacts } from "../../adapters/host/machine-facts";
import { FerryError } from "../../core/errors";
import { hostTable, judge, type Finding } from "../../core/host/fitness";
import type { NetworkRows } from "../../core/network/network-port";
import type { DockerInfo, Host, Progress } from "../../core/adapter-ports";

/**
 * Refuses a host that Ferry cannot work on, by the table in provider/core/host/fitness.ts, before
 * anything is touched; what is untried there is told once.
 */
export async function requireFit(
  host: Host,
  docker: DockerInfo,
  ofNetwork: NetworkRows,
  progress: Progress,
): Promise<void> {
  const machine = await machineFacts(host, () => Date.now() / 1000);
  const findings = judge(hostTable(ofNetwork), { docker, machine });
  const [first, ...others] = findings.filter(({ verdict }) => verdict === "cannot");
  if (first !== undefined) throw unfit(host, first, others);
  for (const each of findings.filter(({ verdict }) => verdict === "untried")) {
    progress.warn(`host '${host.name}': ${inOne(each)}`);
  }
}

function unfit(host: Host, first: Finding, others: readonly Finding[]): FerryError {
  const also = others.map((each) => ` And ${inOne(each)}`).join("");
  return new FerryError({
    kind: "settings",
    what: "using it as a host of the cluster",
    ended: "was refused",
    host: host.name,
    reason: first.reason,
    ...(first.advice === undefined ? {} : { advice: first.advice }),
    touched: { said: `Nothing was changed.${also}` },
  });
}

const inOne = ({ reason, advice }: Finding) =>
  advice === undefined ? `${reason}.` : `${reason}. ${advice}.`;
