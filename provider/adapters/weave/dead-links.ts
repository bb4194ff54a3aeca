import { hostProgram } from "../../on-host/load";
import { COLLECTOR_UNIT } from "../../core/weave/weave-port";
import { mustRun, type KeptUnit, type OnHost } from "./kept-unit";

const COLLECT = hostProgram("weave/collect-now.sh");

/**
 * Sweeps at once, and again each time a container ends or starts, whoever had it: also for
 * containers that Docker restarts on its own. Without it a host is only cleaned of dead links by
 * what Ferry does.
 */
export const COLLECTOR: KeptUnit = {
  unit: COLLECTOR_UNIT,
  description: "Take ended containers' addresses off the Weave network",
  scriptPath: "/usr/local/lib/pulumi-ferry/sweep-dead-links",
  script: hostProgram("weave/collector.sh"),
};

/** Takes the addresses of ended containers off the network, now. Changes nothing that is in use. */
export async function collectDeadLinks(host: OnHost): Promise<void> {
  await mustRun(host, "taking ended containers' addresses off the network", COLLECT);
}
