import type { BuildRequest } from "../../../core/build/build-request";
import type { Ulimit } from "../../../core/container-spec";
import type { FerryError } from "../../../core/errors";
import { readable, type Engine, type Work } from "../engine";
import { readBuild, type BuildOutput } from "./output";
import { dial } from "./dial";
import { openSession } from "./session";

/** Builds an image by the host's own BuildKit; its name is there when all of it is. */
export async function buildImage(
  engine: Engine,
  request: BuildRequest,
  tell: (step: string) => void,
): Promise<void> {
  const what = `building image '${request.tag}'`;
  const work: Work<BuildOutput> = async (docker, signal) => {
    const session = await openSession(docker, request);
    signal.addEventListener("abort", () => session.close());
    try {
      const answer = await dial<NodeJS.ReadableStream>(docker, {
        method: "POST",
        path: "/build?",
        // A body, which nobody reads, would keep Docker from telling anything.
        options: { _query: queryOf(request, session.id), _body: {} },
        isStream: true,
        abortSignal: signal,
        statusCodes: { 200: true, 400: "bad request", 500: "server error" },
      });
      return await readBuild(readable(answer), tell);
    } finally {
      session.close();
    }
  };
  // As long as it takes: a dead link is noticed by the connection.
  const { error, step, lines } = await engine.call(what, work, {
    seconds: Number.POSITIVE_INFINITY,
    secrets: secretsOf(request),
  });
  if (error !== undefined) throw failed(engine, what, { error, step, lines }, secretsOf(request));
}

/** Docker's words for it. */
function queryOf(request: BuildRequest, session: string): Record<string, unknown> {
  const { tag, target, args, labels, cacheFrom, network, shmSizeBytes, extraHosts } = request;
  const { remote, ulimits } = request;
  return {
    version: "2",
    remote: remote?.url ?? "client-session",
    session,
    dockerfile: remote?.dockerfile ?? "Dockerfile",
    t: tag,
    buildargs: JSON.stringify(args),
    labels: JSON.stringify(labels),
    ...(target === undefined ? {} : { target }),
    ...(cacheFrom === undefined ? {} : { cachefrom: JSON.stringify(cacheFrom) }),
    ...(network === undefined ? {} : { networkmode: network }),
    ...(shmSizeBytes === undefined ? {} : { shmsize: String(shmSizeBytes) }),
    ...(ulimits === undefined ? {} : { ulimits: JSON.stringify(ulimits.map(inGo)) }),
    ...(request.noCache === true ? { nocache: "1" } : {}),
    ...(request.pull === true ? { pull: "1" } : {}),
    ...(extraHosts === undefined ? {} : { extrahosts: extraHosts }),
  };
}

const inGo = ({ name: Name, soft: Soft, hard: Hard }: Ulimit) => ({ Name, Soft, Hard });

function failed(
  engine: Engine,
  what: string,
  { error, step, lines }: { error: string; step: string | undefined; lines: readonly string[] },
  secrets: readonly string[],
): FerryError {
  const at = step === undefined ? "" : `step '${step}': `;
  const wrote = lines.length === 0 ? "" : `. It wrote last: ${lines.join(" | ")}`;
  return engine.fail(what, new Error(`${at}${error}${wrote}`), secrets);
}

const secretsOf = ({ secrets, redact }: BuildRequest) => [
  ...Object.values(secrets).flatMap((secret) => [secret.toString(), ...linesOf(secret)]),
  ...redact,
];

/** A step writes a secret line by line. Short lines say nothing by themselves: "}", "EOF". */
const linesOf = (secret: Buffer): string[] =>
  secret
    .toString()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= 6);
