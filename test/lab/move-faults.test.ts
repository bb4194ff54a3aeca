import { runCase } from "../long/move/case";
import { faults } from "../long/move/faults";
import { HandlerLane } from "../long/move/handler-lane";

/** A few cases of the fault matrix (test/long/move), those that the most depends on. */

jest.setTimeout(300_000);

const lane = new HandlerLane("move-faults");

beforeAll(() => lane.up());

afterAll(() => lane.down());

test.each([
  { fault: faults.providerKilled, step: "stop" },
  { fault: faults.sourceDaemonRestarted, step: "final delta" },
  { fault: faults.targetPowerLoss, step: "start" },
  { fault: faults.cutoverKilled, step: "stop" },
  { fault: faults.targetDiskFull, step: "pre-copy" },
] as const)(
  "$fault.name x $step: nothing is lost, and never do two run",
  async ({ fault, step }) => {
    const row = await runCase(lane, { strike: { fault, step } });
    expect(row).toMatchObject({ broken: [], copiesAtOnce: 1, found: row.acknowledged });
  },
);
