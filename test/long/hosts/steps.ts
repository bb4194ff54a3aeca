/** The rows of the matrix. What each does is beside the chapter that has it. */

export const WEAVE_STEPS = [
  "Weave: launched and connected",
  "its router restarted",
  "a host rebooted",
  "a peer taken out",
  "reset, and nothing left",
] as const;

export const STORY_STEPS = [
  "`up`",
  "second `up`",
  "`docker restart`",
  "move under a writer",
  "`docker restart` where it moved to",
  "daemon restarted",
  "host rebooted",
  "`up --refresh`",
  "move home",
  "acknowledged writes",
  "`destroy`, and nothing left",
  "words that are only Docker's or Weave's",
] as const;

export const FAULT_STEPS = [
  "source's power cut, final delta",
  "target's power cut, start",
  "engine killed, stop",
  "link to target cut, pre-copy",
  "target's disk full, pre-copy",
] as const;

export type WeaveStep = (typeof WEAVE_STEPS)[number];
export type StoryStep = (typeof STORY_STEPS)[number];
export type FaultStep = (typeof FAULT_STEPS)[number];
export type Step = WeaveStep | StoryStep | FaultStep;

export const STEPS: readonly Step[] = [...WEAVE_STEPS, ...STORY_STEPS, ...FAULT_STEPS];
