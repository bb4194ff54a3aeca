import { MOVE_STEPS, type MoveStep } from "../../../provider/core/move/plan";
import type { Case } from "./case";
import { conditions, type Condition } from "./conditions";
import { bothLinksBroken, faults, type Fault } from "./faults";

export interface Planned {
  readonly name: string;
  /** Which kind of lane runs it. */
  readonly by: "engine" | "handler";
  readonly case: Case;
}

/** These need the engine's own processes; the others are quicker without. */
const BY_ENGINE: readonly Fault[] = [faults.providerKilled, faults.engineKilled];

/**
 * After these the program is put back to the old host, so that the next `up` has to undo what the
 * last one began.
 */
const PUT_BACK: readonly string[] = [
  "provider killed x prepare",
  "provider killed x final delta",
  "provider killed x commit",
  "source power cut x stop",
  "source power cut x commit",
  "target power cut x start",
  "target power cut x retire",
  "link to source cut x compare",
  "target's daemon restarted x start",
];

/** Before these there is no such script, and after them it is gone. */
const OF_THE_CUTOVER: readonly MoveStep[] = ["stop", "final delta", "compare", "start", "commit"];

const stepsOf = (fault: Fault) => (fault === faults.cutoverKilled ? OF_THE_CUTOVER : MOVE_STEPS);

/** The engine's program is as it is: what a condition changes of it, the other lanes do. */
function lanesFor(fault: Fault, condition?: Condition): Planned["by"] {
  return BY_ENGINE.includes(fault) && condition?.change === undefined ? "engine" : "handler";
}

function plan(fault: Fault, step: MoveStep): Planned {
  const name = `${fault.name} x ${step}`;
  return {
    name,
    by: lanesFor(fault),
    case: { strike: { fault, step }, back: PUT_BACK.includes(name) },
  };
}

/** A condition alone, and with a fault at the steps where the two make a difference together. */
function underConditions(): Planned[] {
  const named = (name: string) => {
    const found = conditions.find((condition) => condition.name === name);
    if (found === undefined) throw new Error(`There is no condition '${name}'.`);
    return found;
  };
  const both = (condition: Condition, fault: Fault, step: MoveStep): Planned => ({
    name: `${condition.name}, ${fault.name} x ${step}`,
    by: lanesFor(fault, condition),
    case: { condition, strike: { fault, step } },
  });
  const deaf = named("container that ignores SIGTERM");
  const restless = named("data that changes faster than it copies");
  const small = named("many small files");
  const late = named("target that is ready late");
  return [
    ...conditions.map((condition) => ({
      name: condition.name,
      by: "handler" as const,
      case: { condition },
    })),
    both(named("healthcheck that never passes"), faults.providerKilled, "start"),
    both(named("image that does not start"), faults.targetPowerLoss, "start"),
    both(deaf, faults.providerKilled, "stop"),
    both(deaf, faults.sourceDaemonRestarted, "stop"),
    both(deaf, faults.targetPowerLoss, "stop"),
    both(deaf, faults.cutoverKilled, "stop"),
    both(restless, faults.providerKilled, "pre-copy"),
    both(restless, faults.targetLinkBroken, "pre-copy"),
    ...[
      faults.providerKilled,
      faults.engineKilled,
      faults.sourceLinkBroken,
      faults.targetLinkBroken,
      faults.sourcePowerLoss,
      faults.targetPowerLoss,
      faults.targetDiskFull,
    ].map((fault) => both(small, fault, "pre-copy")),
    both(small, faults.providerKilled, "final delta"),
    both(small, faults.engineKilled, "final delta"),
    both(small, faults.targetPowerLoss, "final delta"),
    both(small, faults.cutoverKilled, "final delta"),
    // What goes on out of reach, while the source is looked at: for half a minute the copy runs and
    // is not the replica yet.
    both(late, faults.targetLinkBroken, "final delta"),
    both(late, faults.targetLinkBroken, "start"),
    both(late, faults.sourceLinkBroken, "start"),
    both(late, bothLinksBroken, "start"),
  ];
}

/**
 * Every fault at every step, the engine's cases spread among the others: both kinds of lanes are
 * busy all along.
 */
export function matrix(): Planned[] {
  const all = [
    ...Object.values<Fault>(faults).flatMap((fault) =>
      stepsOf(fault).map((step) => plan(fault, step)),
    ),
    ...underConditions(),
  ];
  const place = (of: Planned, by: readonly Planned[]) => by.indexOf(of) / by.length;
  const kinds = (["engine", "handler"] as const).map((by) => all.filter((each) => each.by === by));
  const kindOf = (of: Planned) => kinds.find((kind) => kind.includes(of)) ?? [];
  return [...all].sort((a, b) => place(a, kindOf(a)) - place(b, kindOf(b)));
}
