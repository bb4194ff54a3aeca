import { NEEDED_TOOLS } from "../../core/host/needed-tools";
import type { MachineFacts } from "../../core/host/facts";
import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

/** Also what the fakes know it by. */
export const LOOK = hostProgram("host/facts.sh");

const FACT = /^ferry-fact ([a-z]+)=(.*)$/;

/**
 * What the host's machine has. Looks, and changes nothing. `now` is the operator's clock, in
 * seconds.
 */
export async function machineFacts(
  host: Pick<Host, "name" | "shell">,
  now: () => number,
): Promise<MachineFacts> {
  const asked = now();
  const { stdout } = await host.shell.script(LOOK, NEEDED_TOOLS, { root: true });
  const answered = now();
  const facts = new Map(
    stdout.split("\n").flatMap((line) => {
      const [, name = "", value = ""] = FACT.exec(line) ?? [];
      return name === "" ? [] : [[name, value.trim()] as const];
    }),
  );
  const time = Number(facts.get("time"));
  if (!facts.has("time") || !Number.isFinite(time)) {
    throw new FerryError({
      kind: "trouble",
      what: "looking at what it has",
      host: host.name,
      reason: "its shell gave no answer that can be read",
      advice: "Let `sh -s` of its user run scripts",
      touched: "nothing",
    });
  }
  return {
    hasDockerCommand: facts.has("docker"),
    ...(facts.has("refused") ? { refusedDockerCommand: facts.get("client") ?? "" } : {}),
    iptables: iptablesOf(facts.get("iptables")),
    hasEbtables: facts.has("ebtables"),
    hasSystemd: facts.has("systemd"),
    lesserTools: (facts.get("lesser") ?? "").split(" ").filter((name) => name !== ""),
    selinux: selinuxOf(facts.get("selinux")),
    ...versionOf("rsync", facts.get("rsync")),
    ...versionOf("python", facts.get("python")),
    clockAheadSeconds: aheadOf(time, asked, answered),
  };
}

function iptablesOf(value: string | undefined): MachineFacts["iptables"] {
  return value === "nft" || value === "legacy" ? value : "none";
}

function selinuxOf(value: string | undefined): MachineFacts["selinux"] {
  const mode = value?.toLowerCase();
  return mode === "enforcing" || mode === "permissive" ? mode : "none";
}

function versionOf(name: "rsync" | "python", value: string | undefined) {
  return value === undefined || value === "" ? {} : { [name]: value };
}

/** A host's answer is of some moment between question and answer, and in whole seconds. */
function aheadOf(time: number, asked: number, answered: number): number {
  if (time > answered) return time - answered;
  if (time + 1 < asked) return time + 1 - asked;
  return 0;
}
