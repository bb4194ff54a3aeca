import { execFile } from "child_process";
import type { RegistryCredentials } from "../core/adapter-ports";
import { FerryError } from "../core/errors";
import { credentialsOfHelper, nameForHelper } from "../core/image/registry";

const SECONDS = 60;

/** What the programs say of a registry that they have nothing for. */
const NOTHING_FOR_IT = /credentials not found/i;

/**
 * Asks a program that keeps Docker's logins: `docker-credential-<helper> get`. It is told the
 * registry, and answers, by its pipes alone.
 */
export async function askHelper(
  { helper, isSure }: { readonly helper: string; readonly isSure: boolean },
  registry: string,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`;
  const problem = (reason: string, advice: string) =>
    new FerryError({
      kind: "settings",
      what: `asking '${program}' for the login to registry '${registry}'`,
      reason: `${reason}; this machine's Docker configuration says to ask it`,
      advice,
      touched: "nothing",
    });
  const give = "Mend it, or give the login as `registries`";
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper))
    throw problem("that is no name of a program", give);
  const { code, said } = await run(program, nameForHelper(registry));
  if (code === "ENOENT" || code === "EACCES") {
    // Of a registry that nobody has logged in to it would know nothing.
    if (!isSure) return undefined;
    throw problem(
      "it is not on the PATH of this machine",
      "Install it, or give the login as `registries`",
    );
  }
  if (NOTHING_FOR_IT.test(said)) return undefined;
  if (code === "late") throw problem(`it did not answer within ${SECONDS} s`, give);
  if (code !== 0) throw problem(`it ended with ${code}, and no login`, give);
  const credentials = credentialsOfHelper(said);
  if (credentials === undefined) throw problem("what it answered is no login", give);
  return credentials;
}

interface Answer {
  /** The exit code, or why there is none. */
  readonly code: number | string;
  readonly said: string;
}

function run(program: string, registry: string): Promise<Answer> {
  return new Promise((resolve) => {
    const { env } = process;
    const options = { env, timeout: SECONDS * 1000, killSignal: "SIGKILL" } as const;
    const child = execFile(program, ["get"], options, (error, said) => {
      if (error === null) resolve({ code: 0, said });
      else resolve({ code: error.killed === true ? "late" : (error.code ?? "a signal"), said });
    });
    // One that does not read has an answer all the same.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(registry);
  });
}
