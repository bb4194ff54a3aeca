import { type HostKind, defaultKind } from "../kind";
import { treesBelow } from "./base";
import { imageTree } from "./image-tree";
import { demoImages } from "./images";
import { linters } from "./linters";
import { nspawnTools } from "./nspawn";
import { languageHost, ownPulumi, pulumiCli } from "./pulumi";
import { ensure, isMade, type Say, type Step } from "./step";
import { weaveBuild } from "./weave";
import { weaveImages } from "./weave-images";

/**
 * The parts of hosts of these kinds, in the order in which they need each other, and nothing else.
 */
export function hostSteps(kinds: readonly HostKind[]): Step[] {
  const all = [
    nspawnTools,
    ...kinds.flatMap((kind) => treesBelow(kind).reverse()),
    imageTree,
    demoImages,
    ...kinds.flatMap(({ weave }) => [weaveBuild(weave), weaveImages(weave)]),
  ];
  // Steps of one recipe are one step, whoever asks for them.
  return [...new Map(all.map((step) => [`${step.name} ${step.recipe()}`, step])).values()];
}

const engineSteps: Step[] = [pulumiCli, languageHost];

/** Makes what is missing of one list of steps beside another, each in its order. */
async function ensureLanes(lanes: readonly Step[][], say: Say): Promise<void> {
  const missing = lanes.flat().filter((step) => !isMade(step));
  const lane = async (steps: Step[]): Promise<void> => {
    for (const step of steps.filter((each) => missing.includes(each))) {
      await ensure(step, { index: missing.indexOf(step) + 1, count: missing.length }, say);
    }
  };
  const results = await Promise.allSettled(lanes.map(lane));
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

/** What hosts of these kinds are made of. */
export function ensureHosts(kinds: readonly HostKind[], say: Say): Promise<void> {
  return ensureLanes([hostSteps(kinds)], say);
}

/** The engine is built beside the hosts' parts, most of whose time is spent downloading. */
export async function ensureAll(say: Say, kinds: readonly HostKind[] = []): Promise<void> {
  const engine = (await ownPulumi()) === undefined ? engineSteps : [];
  await ensureLanes([hostSteps([defaultKind, ...kinds]), engine], say);
}

/** What `npm run lint` looks through the programs on hosts with. */
export function ensureLinters(say: Say): Promise<void> {
  return ensureLanes([[linters]], say);
}
