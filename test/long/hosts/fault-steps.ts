import { runCase, type Case } from "../move/case";
import { faults } from "../move/faults";
import type { Lane } from "../move/lane";
import type { FaultStep } from "./steps";

/** Five of the fault matrix (test/long/move), one for each of those whom a move depends on. */
const STRIKES: Readonly<Record<FaultStep, NonNullable<Case["strike"]>>> = {
  "source's power cut, final delta": { fault: faults.sourcePowerLoss, step: "final delta" },
  "target's power cut, start": { fault: faults.targetPowerLoss, step: "start" },
  "engine killed, stop": { fault: faults.engineKilled, step: "stop" },
  "link to target cut, pre-copy": { fault: faults.targetLinkBroken, step: "pre-copy" },
  "target's disk full, pre-copy": { fault: faults.targetDiskFull, step: "pre-copy" },
};

/** What came of it; rejects when anything that must hold did not. */
export async function strike(lane: Lane, step: FaultStep): Promise<string> {
  const { broken, outcome, acknowledged } = await runCase(lane, { strike: STRIKES[step] });
  expect(broken).toEqual([]);
  return `${outcome}; ${acknowledged} writes, 0 lost`;
}
