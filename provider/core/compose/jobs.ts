import type { ServiceDraft } from "./draft";

/** Marks services that another one waits for the end of, and tells what that makes of their keys. */
export function markJobs(drafts: readonly ServiceDraft[]): void {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  for (const { dependsOn } of drafts)
    for (const { value } of dependsOn) {
      const job = byName.get(value.service);
      if (job !== undefined && value.condition === "completed_successfully") job.isJob = true;
    }
  for (const draft of drafts) if (draft.isJob === true) tellOfJob(draft);
}

const WITHOUT_HOOKS = "is passed over: another service waits for the end of this one.";

function tellOfJob({ container, setAt, deployRestart }: ServiceDraft): void {
  if (container.postStart !== undefined) setAt.get("postStart")?.note(WITHOUT_HOOKS);
  if (container.preStop !== undefined) setAt.get("preStop")?.note(WITHOUT_HOOKS);
  delete container.postStart;
  delete container.preStop;
  const { restart } = container;
  if (restart === undefined || restart.name === "no" || restart.name === "on-failure") return;
  const at = deployRestart?.at ?? setAt.get("restart");
  at?.note(
    "is passed over: another service waits for the end of this one, so it runs once. on-failure has it tried again.",
  );
}
