import * as lab from "../../../lab";
import { MobyCounter, writer } from "./application";
import type { Findings } from "./findings";
import { HOSTS } from "./lab-hosts";
import { longestProvider, secretsInClear } from "./state-file";

const MARKS = ["100:100", "200:100", "100:200", "200:200"];
const UP = ["up", "--yes", "--skip-preview"];

/** Tells the story of README's first screen on real hosts, and returns what it measured. */
export async function tellStory(
  project: lab.PulumiProject,
  secrets: Readonly<Record<string, string>>,
  say: (heading: string) => void,
): Promise<Findings> {
  const untouched = await Promise.all(HOSTS.map((host) => lab.snapshot(host)));

  say("pulumi preview: the subnet, every address and every name, before anything is touched");
  await project.show(["preview"]);
  const ipPreviewed = await previewedAddress(project);

  say("pulumi up");
  await project.show(UP);
  const first = await project.outputs();
  const webOn = (outputs: Record<string, unknown>) =>
    lab.labConnections()[text(outputs, "webHost")]?.host ?? "";
  const page = new MobyCounter(webOn(first));
  for (const mark of MARKS) await page.post(mark);
  await writer.waitFor(500);
  const marksBefore = await page.marks();
  const dnsName = text(first, "redisName");
  const dnsBefore = await writer.lookUp(dnsName);
  console.log(
    `\n  The page shows the marks ${marksBefore.join(" ")}, and a client writes to redis all along.`,
  );

  say("The program now wants redis on node2: pulumi preview --diff");
  await project.setConfig("redisHost", "node2");
  await project.show(["preview", "--diff"]);
  const moveSteps = await project.previewSteps();

  say("pulumi up: redis moves");
  const downtimeMs = await writer.longestGapDuring(() => project.show(UP));
  const moved = await project.outputs();
  const marksAfter = await page.marks();
  const dnsAfter = await writer.lookUp(dnsName);

  say("pulumi up again: nothing to do");
  await project.show(["up", "--yes"]);
  const secondUpChanges = await project.lastChanges();

  say("web follows redis");
  await project.setConfig("webHost", "node2");
  const webMoveGapMs = await writer.longestGapDuring(() => project.show(UP));
  const followed = new MobyCounter(webOn(await project.outputs()));
  await followed.post("300:300");

  say("redis goes home");
  await project.setConfig("redisHost", "node1");
  const homeDowntimeMs = await writer.longestGapDuring(() => project.show(UP));
  const home = await project.outputs();
  const marksHome = await followed.marks();
  const writes = await writer.finish();
  const state = await project.exportState();

  const findings: Findings = {
    ipPreviewed,
    ipBefore: text(first, "redisIp"),
    ipAfter: text(moved, "redisIp"),
    dnsName,
    dnsBefore,
    dnsAfter,
    hostBefore: text(first, "redisHost"),
    hostAfter: text(moved, "redisHost"),
    marksBefore,
    marksAfter,
    marksHome,
    writesAcknowledged: writes.acknowledged,
    writesFound: writes.found ?? 0,
    downtimeMs,
    bytesCopied: bytesCopied(moved),
    previewMoveOps: Object.fromEntries(moveSteps.map((step) => [step.urn, step.op])),
    secondUpChanges,
    webMoveGapMs,
    homeDowntimeMs,
    homeBytesCopied: bytesCopied(home),
    providerBytes: longestProvider(state),
    secretsInClear: secretsInClear(state, secrets),
    leftovers: [],
  };
  say("pulumi destroy");
  await project.show(["destroy", "--yes", "--skip-preview"]);
  const left = await Promise.all(HOSTS.map((host) => lab.snapshot(host)));
  findings.leftovers = HOSTS.flatMap((host, i) => added(host, untouched[i], left[i]));
  return findings;
}

async function previewedAddress(project: lab.PulumiProject): Promise<string> {
  const replica = (await project.previewSteps()).find((step) =>
    step.urn.endsWith("ferry:Replica::apples-redis-0"),
  );
  const ip = replica?.newState?.inputs?.["ip"];
  return typeof ip === "string" ? ip : "no address";
}

function text(outputs: Record<string, unknown>, name: string): string {
  const value = outputs[name];
  if (typeof value !== "string") throw new Error(`The stack has no output ${name}.`);
  return value;
}

function bytesCopied(outputs: Record<string, unknown>): number {
  return (outputs["lastMove"] as { bytes: number } | undefined)?.bytes ?? 0;
}

/** What a host has now that it had not before. */
function added(
  host: string,
  before: lab.HostSnapshot | undefined,
  after: lab.HostSnapshot | undefined,
): string[] {
  return Object.entries(after ?? {}).flatMap(([kind, things]) => {
    const had = new Set<string>(before?.[kind as keyof lab.HostSnapshot] ?? []);
    return (things as readonly string[])
      .filter((thing) => !had.has(thing))
      .map((thing) => `${host}: ${kind} ${thing}`);
  });
}
