import { baseTree } from "./base";
import { hostImages } from "./images";
import { imageTree } from "./image-tree";
import { nspawnTools } from "./nspawn";
import { languageHost, ownPulumi, pulumiCli } from "./pulumi";
import { ensure, isMade, type Say, type Step } from "./step";
import { weaveBuild } from "./weave";

/** The hosts' parts, in the order in which they need each other. */
const hostSteps: Step[] = [nspawnTools, baseTree, imageTree, weaveBuild, hostImages];
const engineSteps: Step[] = [pulumiCli, languageHost];

/** Makes what is missing. The engine is built beside the hosts' parts, most of whose time is spent downloading. */
export async function ensureAll(say: Say): Promise<void> {
  const engine = (await ownPulumi()) === undefined ? engineSteps : [];
  const missing = [...hostSteps, ...engine].filter((step) => !isMade(step));
  const lane = async (steps: Step[]): Promise<void> => {
    for (const step of steps.filter((each) => missing.includes(each))) {
      await ensure(step, { index: missing.indexOf(step) + 1, count: missing.length }, say);
    }
  };
  const results = await Promise.allSettled([lane(hostSteps), lane(engine)]);
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
