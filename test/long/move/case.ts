import type { MoveStep } from "../../../provider/core/move/plan";
import type { Client, Written } from "./client";
import type { Condition } from "./conditions";
import type { Fault } from "./faults";
import type { Ending, Lane } from "./lane";
import { faultsOf, runsOn } from "./message";
import { committed } from "./steps";
import type { Struck } from "./watcher";

/** One move, and what happens to it. */
export interface Case {
  /** What strikes it, and at which step. */
  readonly strike?: { readonly fault: Fault; readonly step: MoveStep };
  readonly condition?: Condition;
  /** The next `up` finds a program that was put back to the old host. */
  readonly back?: boolean;
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
  /**
   * How often it was looked, and the longest time in which a host that was up was not looked at.
   */
  readonly looks: number;
  readonly longestBlinkMs: number;
  /**
   * In milliseconds since the move began: when what happened, and when the client was without an
   * answer for long.
   */
  readonly moments: Readonly<Record<string, number>>;
  readonly silences: readonly (readonly [number, number])[];
  readonly seconds: number;
  /** What did not hold; empty when everything did. */
  readonly broken: readonly string[];
}

/** A run that hangs is a fault of ours, not of the host's. */
const RUN_SECONDS = 150;
const LONG_MS = 500;
/**
 * Looks come every few milliseconds; on a busy machine now and then one comes late, and never this
 * late.
 */
const BLIND_MS = 10_000;

/**
 * Strikes a move, then does what a user would do: `pulumi refresh`, `pulumi up`. Everything that
 * must hold is looked at.
 */
export async function runCase(lane: Lane, each: Case): Promise<Row> {
  const began = performance.now();
  const { condition } = each;
  const lasting = condition?.lasting === true ? condition : undefined;
  await lane.ready(condition?.smallFiles);
  if (lasting !== undefined) await lane.become(lasting);
  const client = await lane.client();
  try {
    const row = await new Story(lane, each, client).tell();
    return { ...row, seconds: Math.round((performance.now() - began) / 100) / 10 };
  } finally {
    await client.kill();
    lane.change = {};
    if (lasting !== undefined) await lane.upTo(lane.at).catch(() => undefined);
  }
}

class Story {
  private readonly source: string;
  private readonly target: string;
  private readonly broken: string[] = [];
  private copiesAtOnce = 0;
  private looks = 0;
  private readonly blinks = new Map<string, number>();
  /** The host that lost its power: it is not there to be looked at. */
  private powerless: string | undefined;
  /** Of the source's container as the move begins. */
  private epoch = 0;
  private began = 0;
  private readonly toCopy: string | undefined;
  private readonly moments: Record<string, number> = {};

  constructor(
    private readonly lane: Lane,
    private readonly each: Case,
    private readonly client: Client,
  ) {
    [this.source, this.target] = [lane.at, lane.away];
    this.toCopy = lane.copied(this.source);
  }

  async tell(): Promise<Omit<Row, "seconds">> {
    const { lane, client } = this;
    await lane.watcher.report();
    lane.arp.report();
    await client.more(200, 60);

    const ending = await this.struckRun();
    const { strike } = lane.watcher;
    this.note("run ended");
    await lane.heal();
    this.note("whole again");
    const between = await this.look();
    this.saidTheTruth(ending, between);
    await this.refreshFindsTheTruth();
    const second = await this.nextUp();
    this.note("next up ended");

    await client.more(200, 60).catch((error: unknown) => this.must(false, String(error)));
    const written = await client.finish();
    const answerersAtOnce = lane.arp.report();
    await this.endsWell(written, answerersAtOnce);
    if (strike !== undefined) this.moments["struck"] = strike.when - this.began;
    const { fault, step } = this.each.strike ?? {};
    const names = [this.each.condition?.name, fault?.name].filter((name) => name !== undefined);
    return {
      fault: names.join(", "),
      step: step ?? "",
      struckAt: strike?.step ?? "",
      outcome: `${howItEnded(ending, fault?.silences)}; ran on ${this.nameOf(between)}; ${second}`,
      message: ending?.failure ?? "",
      acknowledged: written.acknowledged,
      found: written.found,
      longestSilenceMs: Math.round(written.longestGapMs),
      copiesAtOnce: this.copiesAtOnce,
      answerersAtOnce,
      looks: this.looks,
      longestBlinkMs: this.longestBlinkMs,
      moments: this.moments,
      silences: this.silences(written),
      broken: this.broken,
    };
  }

  private async struckRun(): Promise<Ending | undefined> {
    const { lane, source, target } = this;
    const { strike: planned, condition } = this.each;
    if (condition !== undefined && condition.lasting !== true) await lane.become(condition);
    if (condition?.meanwhile !== undefined) await lane.inContainer(source, condition.meanwhile);
    this.epoch = lane.view(source).epoch();
    lane.watcher.begin({ source, target, marker: lane.marker, epoch: this.epoch });
    this.began = Date.now();
    const move = lane.move(target);
    if (planned !== undefined) {
      const strike = planned.fault.strike({ lab: lane.lab, source, target, ...move });
      this.powerless = strike.powerOf;
      lane.watcher.arm(planned.step, strike);
    }
    const ending = await within(RUN_SECONDS, move.ended);
    lane.watcher.rest();
    if (condition !== undefined && condition.lasting !== true) lane.change = {};
    this.judge(ending, lane.watcher.strike);
    return ending;
  }

  private judge(ending: Ending | undefined, strike: Struck | undefined): void {
    const { strike: planned, condition } = this.each;
    this.must(ending !== undefined, `the run did not end within ${RUN_SECONDS} s`);
    if (planned !== undefined) {
      this.must(
        strike !== undefined,
        `the fault never struck; the move went: ${this.lane.watcher.course}`,
      );
      this.must(strike?.problem === undefined, `the fault could not strike: ${strike?.problem}`);
      if (planned.fault.silences) {
        this.must(ending?.done !== true || planned.step === "retire", "the run went on");
        return;
      }
    }
    if (ending?.failure !== undefined) this.broken.push(...faultsOf(ending.failure));
    else this.must(ending?.done === true, "the run ended without a word");
    if (condition !== undefined && planned === undefined) {
      const end = howItEnded(ending);
      this.must(end === condition.ends, `the run was to end as '${condition.ends}', not '${end}'`);
    }
  }

  /** Nothing has touched it since but what the fault had broken. */
  private saidTheTruth(ending: Ending | undefined, between: readonly string[]): void {
    if (ending?.failure === undefined || this.each.strike?.fault.silences === true) return;
    const said = runsOn(ending.failure);
    if (said === undefined) return;
    const found = between.join(" and ") || "no host";
    this.must(said === found, `the message says that it runs on '${said}', but it ran on ${found}`);
  }

  private async refreshFindsTheTruth(): Promise<void> {
    const says = (await this.lane.refresh()) ?? "nowhere";
    const [runs] = await this.look();
    if (runs !== undefined) {
      this.must(says === runs, `refresh says '${says}', but it runs on '${runs}'`);
      return;
    }
    // Nothing runs, as nothing has a restart policy in the middle of a move: its data is where the
    // journals say.
    const { lane, source, target, epoch } = this;
    const seen = { source: lane.view(source).look(), target: lane.view(target).look(), epoch };
    const has = committed(seen) ? target : source;
    this.must(says === has, `refresh says '${says}', but by the journals it is on '${has}'`);
  }

  private async nextUp(): Promise<string> {
    const { back } = this.each;
    const ending = await within(RUN_SECONDS, this.lane.upTo(this.wanted));
    this.must(ending?.done === true, `the next up failed: ${ending?.failure ?? "it hangs"}`);
    if (ending?.changed === false) return "then nothing to do";
    return back === true ? "then put back" : "then moved";
  }

  private async endsWell(written: Written, answerersAtOnce: number): Promise<void> {
    const { lane, source, target, wanted, broken } = this;
    const runs = await this.look();
    this.must(runs.join() === wanted, `it runs on '${runs.join()}' in the end, not on '${wanted}'`);
    const containers = [source, target].flatMap((host) => lane.view(host).look().containers);
    this.must(containers.length === 1, `${containers.length} containers of it are left`);
    broken.push(...(await lane.leftovers()));
    this.must(written.verified, "what the client wrote could not be looked for");
    this.must(
      written.found === written.acknowledged,
      `of ${written.acknowledged} acknowledged writes ${written.found ?? 0} are there`,
    );
    this.must(this.looks > 0, "nobody ever looked at the hosts");
    const blind = this.longestBlinkMs;
    this.must(blind < BLIND_MS, `a host was not looked at for ${blind} ms`);
    this.must(this.copiesAtOnce === 1, `${this.copiesAtOnce} copies ran at once`);
    this.must(answerersAtOnce > 0, "nobody ever answered for the address");
    this.must(answerersAtOnce <= 1, `${answerersAtOnce} hosts answered for the address at once`);
    if (runs.length !== 1) return;
    lane.at = runs[0]!;
    const there = lane.copied(lane.at);
    this.must(there === this.toCopy, `what was to be copied is ${there ?? "not there"} now`);
  }

  private note(moment: string): void {
    this.moments[moment] = Date.now() - this.began;
  }

  private silences({ gaps, startedAt }: Written): [number, number][] {
    const offset = Date.parse(startedAt) - this.began;
    return gaps
      .filter(({ fromMs, toMs }) => toMs - fromMs >= LONG_MS)
      .map(({ fromMs, toMs }) => [Math.round(offset + fromMs), Math.round(offset + toMs)]);
  }

  private get wanted(): string {
    return this.each.back === true ? this.source : this.target;
  }

  private async look(): Promise<readonly string[]> {
    const { mostAtOnce, looks, blinksMs, runningOn } = await this.lane.watcher.report();
    this.copiesAtOnce = Math.max(this.copiesAtOnce, mostAtOnce);
    this.looks += looks;
    for (const [host, blink] of Object.entries(blinksMs)) {
      this.blinks.set(host, Math.max(this.blinks.get(host) ?? 0, blink));
    }
    return runningOn;
  }

  private get longestBlinkMs(): number {
    const ofHosts = [...this.blinks].filter(([host]) => host !== this.powerless);
    return Math.max(0, ...ofHosts.map(([, blink]) => blink));
  }

  private must(holds: boolean, sentence: string): void {
    if (!holds) this.broken.push(sentence);
  }

  private nameOf(running: readonly string[]): string {
    return (
      running.map((host) => (host === this.source ? "source" : "target")).join(" and ") || "neither"
    );
  }
}

function howItEnded(ending: Ending | undefined, silenced = false): string {
  if (ending === undefined) return "hung";
  if (ending.done === true) return "moved";
  const { failure } = ending;
  if (failure === undefined || silenced) return "cut off";
  if (failure.includes("was refused")) return "refused";
  return failure.includes("nothing of the copy is left") ? "taken back" : "failed";
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
