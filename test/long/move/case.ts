import type { MoveStep } from "../../../provider/core/move/plan";
import type { Fault } from "./faults";
import type { Lane } from "./lane";
import { REPLICA } from "../../lab/moving-redis";

/** One fault at one step. */
export interface Case {
  readonly fault: Fault;
  readonly step: MoveStep;
  /** The next `up` finds a program that was put back to the old host. */
  readonly back: boolean;
}

/** A line of the table. */
export interface Row {
  readonly fault: string;
  readonly step: string;
  /** The step that was under way when the fault struck: a quick one may have passed. */
  readonly struckAt: string;
  /** How the struck run ended; where the replica then ran; what the next `up` did. */
  readonly outcome: string;
  readonly message: string;
  readonly acknowledged: number;
  readonly found: number | null;
  readonly longestSilenceMs: number;
  readonly copiesAtOnce: number;
  readonly answerersAtOnce: number;
  readonly seconds: number;
  /** What did not hold; empty when everything did. */
  readonly broken: readonly string[];
}

/** A run that hangs is a fault of ours, not of the host's. */
const RUN_SECONDS = 120;

export async function runCase(lane: Lane, { fault, step, back }: Case): Promise<Row> {
  const began = performance.now();
  const broken: string[] = [];
  const must = (holds: boolean, sentence: string) => {
    if (!holds) broken.push(sentence);
  };
  await lane.ready();
  const [source, target] = [lane.at, lane.away];
  await lane.watcher.report();
  lane.arp.report();
  let copiesAtOnce = 0;
  const look = async () => {
    const seen = await lane.watcher.report();
    copiesAtOnce = Math.max(copiesAtOnce, seen.mostAtOnce);
    return seen.runningOn;
  };
  const client = await lane.client();
  try {
    await client.more(200, 30);
    const library = lane.process();
    const scene = { lab: lane.lab, source, target, provider: { pids: [library.pid] } };
    lane.watcher.watch({
      source,
      target,
      marker: lane.marker,
      epoch: lane.state.epoch,
      step,
      strike: fault.strike(scene),
    });
    const ending = await within(
      RUN_SECONDS,
      library.update(REPLICA, lane.state, lane.inputs(target)),
    );
    await library.end();
    if (ending?.state !== undefined) lane.state = ending.state;
    else if (ending?.partial !== undefined) lane.state = ending.partial;
    must(ending !== undefined, `the run did not end within ${RUN_SECONDS} s`);
    const { strike } = lane.watcher;
    must(strike !== undefined, `the fault never struck; the move went: ${lane.watcher.course}`);
    must(strike?.problem === undefined, `the fault could not strike: ${strike?.problem}`);
    const message = ending?.failure ?? "";
    if (ending?.failure !== undefined) broken.push(...faultsOf(message));
    else must(fault.silences || ending?.state !== undefined, "the run ended without a word");

    await lane.heal();
    const between = await look();
    const refreshed = await lane.refresh();
    const [ranOn] = await look();
    if (ranOn !== undefined) {
      must(
        refreshed.host === ranOn,
        `refresh says '${refreshed.host}', but it runs on '${ranOn}'`,
      );
    }
    const wanted = back ? source : target;
    const second = await within(
      RUN_SECONDS,
      lane.upTo(wanted, refreshed.inputs, ending?.partial !== undefined),
    );
    must(second?.state !== undefined, `the next up failed: ${second?.failure ?? "it hangs"}`);

    await client.more(200, 60).catch((error: unknown) => broken.push((error as Error).message));
    const written = await client.finish();
    const after = await look();
    const looks = [lane.view(source).look(), lane.view(target).look()];
    const containers = looks.flatMap((look) => look.containers).length;
    must(after.join() === wanted, `it runs on '${after.join()}' in the end`);
    must(containers === 1, `${containers} containers of it are left in the end`);
    must(written.verified, "what the client wrote could not be looked for");
    must(
      written.found === written.acknowledged,
      `of ${written.acknowledged} acknowledged writes ${written.found} are there`,
    );
    const answerersAtOnce = lane.arp.report();
    must(copiesAtOnce <= 1, `${copiesAtOnce} copies ran at once`);
    must(answerersAtOnce <= 1, `${answerersAtOnce} hosts answered for the address at once`);
    if (after.length === 1) lane.at = after[0]!;
    return {
      fault: fault.name,
      step,
      struckAt: strike?.step ?? "never",
      outcome: `${howItEnded(ending)}; ran on ${name(between, source, target)}; then ${
        second?.said === "" ? "as it was" : back ? "put back" : "moved"
      }`,
      message,
      acknowledged: written.acknowledged,
      found: written.found,
      longestSilenceMs: Math.round(written.longestGapMs),
      copiesAtOnce,
      answerersAtOnce,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      broken,
    };
  } finally {
    await client.kill();
  }
}

function howItEnded(
  ending: { readonly state?: object; readonly failure?: string } | undefined,
): string {
  if (ending === undefined) return "hung";
  if (ending.state !== undefined) return "moved";
  const { failure } = ending;
  if (failure === undefined) return "cut off";
  if (failure.includes("was refused")) return "refused";
  return failure.includes("nothing of the copy is left") ? "taken back" : "failed";
}

function name(running: readonly string[], source: string, target: string): string {
  const words = running.map((host) =>
    host === source ? "source" : host === target ? "target" : host,
  );
  return words.join(" and ") || "neither";
}

/** One message for people: which replica, which host, what state things are in, and nothing of our insides. */
function faultsOf(message: string): string[] {
  const promises: [boolean, string][] = [
    [/mv\/redis/.test(message), "does not name the replica"],
    [/host 'node[12]'/.test(message), "names no host"],
    [
      /runs? on host|stays on host|is on host|its data is|nothing was changed|as before/i.test(message),
      "does not say what state things are in",
    ],
    [!/\n\s+at |\bError:|undefined|\[object/.test(message), "shows our insides"],
    [message.trim().split("\n").length === 1, "is more than one message"],
  ];
  return promises.flatMap(([holds, fault]) => (holds ? [] : [`the message ${fault}: ${message}`]));
}

async function within<T>(seconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

