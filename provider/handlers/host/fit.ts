import { machineFacts } from "../../adapters/host/machine-facts";
import { FerryError } from "../../core/errors";
import { judge, type Finding } from "../../core/host/fitness";
import type { DockerInfo, Host, Progress } from "../../core/ports";
import type { Weave } from "../../core/weave/port";

/** Of a command that does not name the owner of its images: the older ones do not. */
const FIRST_OWNER = "weaveworks";

/**
 * Refuses a host that Ferry cannot work on, by the table in provider/core/host/fitness.ts, before
 * anything is touched; what is untried there is told once.
 */
export async function requireFit(
  host: Host,
  weave: Pick<Weave, "imagesOf">,
  found: { readonly docker: DockerInfo; readonly weaveVersion: string },
  progress: Progress,
): Promise<void> {
  const machine = await machineFacts(host, () => Date.now() / 1000);
  const images = (await weave.imagesOf()) ?? FIRST_OWNER;
  const command = { version: found.weaveVersion, images };
  const findings = judge({ docker: found.docker, weave: command, machine });
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
