import {
  copyFileSync,
  accessSync,
  constants,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";

import { exec, mustLogged } from "../exec";
import { cacheDir } from "./cache";
import { isMade, resultOf, type Step } from "./step";

/** The repository's root: this file is lab/setup/pulumi.ts. */
export const repoRoot = join(__dirname, "..", "..");

export function goStep(options: {
  name: string;
  title: string;
  expectedSeconds: number;
  package: string;
  binary: string;
  version: string;
  /** Sources of ours beside the module's files. */
  sources?: readonly string[];
}): Step {
  const module = join(repoRoot, "tools", options.name);
  const files = ["go.mod", "go.sum", ...(options.sources ?? [])].map((file) => join(module, file));
  const versionFlag = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${options.version}`;
  const flags = ["-trimpath", "-ldflags", `-s -w ${versionFlag}`];
  return {
    name: options.name,
    title: options.title,
    expectedSeconds: options.expectedSeconds,
    recipe: () =>
      JSON.stringify([flags, options.package, ...files.map((file) => readFileSync(file, "utf8"))]),
    keyFiles: [options.binary],
    build: async (dir, log) => {
      const source = join(dir, "module");
      mkdirSync(source);
      for (const file of files) cpSync(file, join(source, basename(file)));
      await mustLogged(
        ["go", "build", ...flags, "-o", join(dir, options.binary), options.package],
        log,
        { cwd: source, env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" } },
      );
    },
  };
}

export const pulumiCli = goStep({
  name: "pulumi-cli",
  title: "building the Pulumi engine from its Go module",
  expectedSeconds: 240,
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  binary: "pulumi",
  version: "3.255.0",
});

export const languageHost = goStep({
  name: "pulumi-language-nodejs",
  title: "building Pulumi's Node language host from its Go module",
  expectedSeconds: 60,
  package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
  binary: "pulumi-language-nodejs",
  version: "3.68.0",
});

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function findOnPath(name: string, path = process.env["PATH"] ?? ""): string | undefined {
  return path
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find((candidate) => isExecutable(candidate));
}

/** Whether `pulumi version`'s answer is one that the SDK in use works with. */
export function isUsableVersion(text: string): boolean {
  const [major = 0, minor = 0] = text
    .trim()
    .replace(/^v/, "")
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return major > 3 || (major === 3 && minor >= 250);
}

/**
 * The user's own Pulumi, if it is new enough and its Node language host is beside it or on PATH.
 */
export async function ownPulumi(): Promise<string | undefined> {
  const cli = findOnPath("pulumi");
  if (cli === undefined) return undefined;
  const host =
    findOnPath("pulumi-language-nodejs", dirname(cli)) ?? findOnPath("pulumi-language-nodejs");
  if (host === undefined) return undefined;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const answer = await exec([cli, "version"], { timeoutMs: 10_000, env });
  return answer.code === 0 && isUsableVersion(answer.stdout) ? dirname(cli) : undefined;
}

const dynamicProvider = "pulumi-resource-pulumi-nodejs";

/** The folder of the SDK that holds the dynamic provider's start script. */
function dynamicProviderDir(): string | undefined {
  const sdk = join(repoRoot, "node_modules", "@pulumi", "pulumi");
  return [sdk, join(sdk, "dist"), join(sdk, "bin")].find((dir) =>
    existsSync(join(dir, dynamicProvider)),
  );
}

/**
 * Folders to put in front of PATH so that the engine finds all of its parts. What we have built is
 * gathered in one folder, as the official download has it: the engine warns about parts that it has
 * to look for on PATH.
 */
export function pulumiPath(): string[] {
  const provider = dynamicProviderDir();
  if (!isMade(pulumiCli) || !isMade(languageHost)) return provider === undefined ? [] : [provider];
  const [cli, host] = [resultOf(pulumiCli), resultOf(languageHost)];
  const gathered = join(
    cacheDir(),
    `pulumi-bin-${basename(cli).slice(-12)}-${basename(host).slice(-12)}`,
  );
  if (!existsSync(join(gathered, "pulumi"))) {
    mkdirSync(gathered, { recursive: true });
    // Hard links: the engine looks beside the file that it was started from, and would follow a
    // symbolic one.
    link(join(host, languageHost.keyFiles[0] as string), join(gathered, "pulumi-language-nodejs"));
    link(join(cli, pulumiCli.keyFiles[0] as string), join(gathered, "pulumi"));
  }
  // Each checkout has its own SDK, but the script is the same and finds the SDK from the folder of
  // the program.
  if (provider !== undefined)
    recopy(join(provider, dynamicProvider), join(gathered, dynamicProvider));
  return [gathered];
}

export function link(from: string, to: string): void {
  rmSync(to, { force: true });
  linkSync(from, to);
}

/**
 * A copy, as the folder is all checkouts' and this one may be gone tomorrow; moved into place, since
 * another one's run may be reading it.
 */
function recopy(from: string, to: string): void {
  const made = `${to}.${String(process.pid)}`;
  copyFileSync(from, made);
  renameSync(made, to);
}

export function pulumiEnvironment(): Record<string, string> {
  return {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_HOME: join(cacheDir(), "pulumi-home"),
  };
}
