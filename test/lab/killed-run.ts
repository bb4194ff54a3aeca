import type { PulumiProject } from "../../lab";
import { afterKill, kill, UP } from "./weave/runs";

/** A host's shell; rejects when the command fails. */
export type OnHost = (command: string) => Promise<string>;

/**
 * Starts an `up` and kills it, engine and provider, as soon as the sign shows on the host: a
 * command that succeeds then. It is asked 50 times a second, there.
 */
export async function upKilledAt(
  project: PulumiProject,
  onHost: OnHost,
  sign: string,
): Promise<void> {
  const run = project.start(UP);
  const watch = `i=0; until ${sign}; do i=$((i+1)); [ $i -lt 4000 ] || exit 9; sleep 0.02; done`;
  const over = run.ended.then(() => {
    throw new Error(`the run ended before \`${sign}\` on the host:\n${run.said()}`);
  });
  await Promise.race([onHost(watch), over]);
  kill(run, "provider");
  kill(run, "engine");
  over.catch(() => undefined);
  await afterKill(project, run);
}

/**
 * The most containers of these names that ran at a time since then, as the host's Docker has it: of
 * two that write to one volume it must never be more than one.
 */
export async function mostAtATime(onHost: OnHost, since: string, names: RegExp): Promise<number> {
  const said = await onHost(
    `docker events --since ${since} --until $(date +%s) --filter type=container ` +
      "--filter event=start --filter event=die --format '{{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}}'",
  );
  const up = new Set<string>();
  let most = 0;
  for (const line of said.split("\n")) {
    const [action = "", id = "", name = ""] = line.trim().split(" ");
    if (!names.test(name)) continue;
    if (action === "start") up.add(id);
    else up.delete(id);
    most = Math.max(most, up.size);
  }
  return most;
}
