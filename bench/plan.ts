import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { PulumiProject } from "../lab";
import { fakeProject } from "../test/engine/fake-project";
import { planMilliseconds } from "./plan/planning";

export interface PlanOptions {
  /** Rows to measure: "1000x20". All when there are none. */
  readonly only: readonly string[];
  readonly json?: string;
}

/**
 * One line of the table. Ratios are to as many empty dynamic resources, in the same run on the same
 * machine.
 */
export interface PlanRow {
  readonly replicas: number;
  readonly hosts: number;
  readonly previewRatio: number;
  readonly upRatio: number;
  /** A second `up` that finds nothing to do. */
  readonly noChangeRatio: number;
  /**
   * Inputs and outputs, `__provider` left out: what the engine keeps beside them (names,
   * dependencies, source positions) is the same for an empty resource.
   */
  readonly stateBytesPerReplica: number;
  /** Subnets, addresses and placement alone, without Pulumi. */
  readonly planMs: number;
}

interface Times {
  readonly previewMs: number;
  readonly upMs: number;
  readonly noChangeMs: number;
}

const REPLICAS = [10, 100, 1000, 10_000];
const HOSTS = [3, 20];
/** From here on the engine writes state once: step by step, it would write gigabytes. */
const MANY = 1000;

export async function benchPlan({ only, json }: PlanOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ferry-bench-plan-"));
  const rows: PlanRow[] = [];
  console.log(`${cpus().length} cores (${cpus()[0]?.model ?? "?"}); fake hosts, file backend`);
  console.log("| replicas | hosts | preview | up | second up | state per replica | plan |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  try {
    for (const replicas of REPLICAS) {
      const sizes = HOSTS.filter(
        (hosts) => only.length === 0 || only.includes(`${replicas}x${hosts}`),
      );
      if (sizes.length === 0) continue;
      const empty = await timesOf(await emptyProject(folder, replicas));
      for (const hosts of sizes) {
        const row = await measure(folder, { replicas, hosts }, empty);
        rows.push(row);
        console.log(lineOf(row));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
  return 0;
}

async function measure(
  folder: string,
  { replicas, hosts }: Pick<PlanRow, "replicas" | "hosts">,
  empty: Times,
): Promise<PlanRow> {
  const names = hostNames(hosts);
  const project = await clusterProject(folder, replicas, names);
  const times = await timesOf(project);
  const bytes = bytesOfReplicas(await project.exportState());
  return {
    replicas,
    hosts,
    previewRatio: rounded(times.previewMs / empty.previewMs),
    upRatio: rounded(times.upMs / empty.upMs),
    noChangeRatio: rounded(times.noChangeMs / empty.noChangeMs),
    stateBytesPerReplica: Math.round(bytes / replicas),
    planMs: planMilliseconds(replicas, Object.keys(names)),
  };
}

interface State {
  readonly deployment: {
    readonly resources: readonly { type: string; inputs?: object; outputs?: object }[];
  };
}

/** Of the components and of what is below them. */
function bytesOfReplicas(exported: string): number {
  const { resources } = (JSON.parse(exported) as State).deployment;
  return resources
    .filter(({ type }) => type.endsWith("Replica"))
    .flatMap(({ inputs = {}, outputs = {} }) => [inputs, outputs])
    .map((values) => JSON.stringify({ ...values, __provider: undefined }).length)
    .reduce((sum, length) => sum + length, 0);
}

async function timesOf(project: PulumiProject): Promise<Times> {
  const previewMs = await timed(() => project.quietly(["preview"]));
  const upMs = await timed(() => project.quietly(["up", "--yes", "--skip-preview"]));
  const noChangeMs = await timed(() =>
    project.quietly(["up", "--yes", "--skip-preview", "--expect-no-changes"]),
  );
  console.error({ previewMs, upMs, noChangeMs });
  return { previewMs, upMs, noChangeMs };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}

const environmentOf = (replicas: number): NodeJS.ProcessEnv =>
  replicas < MANY ? {} : { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

async function emptyProject(folder: string, replicas: number): Promise<PulumiProject> {
  const project = await PulumiProject.create(
    join(__dirname, "plan", "empty"),
    join(folder, `empty-${replicas}`),
    environmentOf(replicas),
  );
  await project.setConfig("replicas", String(replicas));
  return project;
}

async function clusterProject(
  folder: string,
  replicas: number,
  addresses: Readonly<Record<string, string>>,
): Promise<PulumiProject> {
  const home = join(folder, `${replicas}x${Object.keys(addresses).length}`);
  const project = await fakeProject(
    join(__dirname, "plan", "ferry"),
    home,
    join(folder, "world.json"),
    { addresses, hasty: true },
    environmentOf(replicas),
  );
  const { private: privateKey } = utils.generateKeyPairSync("ed25519");
  const hosts = Object.entries(addresses).map(([name, host]) => [
    name,
    { host, privateKey, hostKey: `ssh-ed25519 ${"A".repeat(68)}` },
  ]);
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)), { secret: true });
  await project.setConfig("replicas", String(replicas));
  return project;
}

const hostNames = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`node${index + 1}`, `10.9.0.${index + 1}`]),
  );

const rounded = (ratio: number): number => Math.round(ratio * 100) / 100;

function lineOf(row: PlanRow): string {
  const { previewRatio, upRatio, noChangeRatio } = row;
  const ratios = [previewRatio, upRatio, noChangeRatio].map((ratio) => ratio.toFixed(2));
  const rest = [`${row.stateBytesPerReplica} B`, `${row.planMs} ms`];
  return `| ${[row.replicas, row.hosts, ...ratios, ...rest].join(" | ")} |`;
}
