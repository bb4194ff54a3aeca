import type { PullPolicy } from "../../application";
import { parseDuration } from "../durations";
import type { ServiceDraft } from "../draft";
import { unlessEmpty, type SupportedField } from "../fields";
import { duration, matching, type Parser } from "../scalars";

const pullPolicy: Parser<string> = matching(
  /^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_(\d+[wdhms])+)$/,
  "a pull policy",
  "Write missing, always, never, daily, weekly or every_12h.",
);

const DAY = 86_400;

/** "missing", "if_not_present" and "build" are what Ferry does anyway. */
function policyOf(word: string): PullPolicy | undefined {
  if (word === "always" || word === "never") return word;
  if (word === "daily") return DAY;
  if (word === "weekly") return 7 * DAY;
  return parseDuration(word.replace(/^every_/, ""));
}

export const pullPolicyField: SupportedField<ServiceDraft> = {
  how: "Counts when Ferry makes the container: always pulls first, daily, weekly and every_12h do where the image is older there, never pulls none. missing, if_not_present and build: what a host lacks is pulled, or built.",
  parse(node, at, draft) {
    const word = pullPolicy(node, at);
    const policy = word === undefined ? undefined : policyOf(word);
    if (policy !== undefined) draft.pull = policy;
  },
};

export const pullRefreshField: SupportedField<ServiceDraft> = unlessEmpty({
  how: "With `pull_policy: refresh`: as every_ with this time.",
  parse(node, at, draft) {
    const seconds = duration(node, at);
    if (seconds !== undefined) draft.pull ??= seconds;
  },
});
