import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";

import { unavailable } from "../available";
import { LabError } from "../errors";
import { shellQuote } from "../exec";
import { completeKind, type HostKind, parseKind } from "../kind";
import { cacheDir } from "./cache";
import { installMachinePackages } from "./debian";
import { pulumiEnvironment, pulumiPath } from "./pulumi";
import { linters } from "./linters";
import { isMade, resultOf } from "./step";
import { ensureAll, ensureLinters } from "./steps";

/**
 * Progress goes to standard error; standard output is shell text for tools/setup.sh to take over.
 */
const say = (line: string): void => void process.stderr.write(`setup: ${line}\n`);

/** The kinds of hosts that are wanted beside the usual one: each after a `--hosts`. */
function kindsIn(args: readonly string[]): HostKind[] {
  return args.flatMap((word, index) =>
    args[index - 1] === "--hosts" ? [completeKind(parseKind(word))] : [],
  );
}

function lintersPath(): string[] {
  return isMade(linters) ? [join(resultOf(linters), "bin")] : [];
}

async function main(args: string[]): Promise<void> {
  if (args.includes("--lint")) await ensureLinters(say);
  if (args.includes("--lab")) {
    const reason = unavailable();
    if (reason !== undefined) throw new LabError(reason, 2);
    await installMachinePackages(say);
    await ensureAll(say, kindsIn(args));
  }
  const environment: Record<string, string> = {
    ...pulumiEnvironment(),
    FERRY_CACHE: cacheDir(),
    PATH: [...pulumiPath(), ...lintersPath(), process.env["PATH"] ?? ""].join(delimiter),
  };
  mkdirSync(environment["PULUMI_HOME"] ?? "", { recursive: true });
  for (const [name, value] of Object.entries(environment)) {
    process.stdout.write(`export ${name}=${shellQuote(value)}\n`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof LabError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
});
