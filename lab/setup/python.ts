import { chmodSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";

import { must } from "../exec";
import { cacheDir } from "./cache";
import { goStep, link, pulumiCli } from "./pulumi";
import { ensure, resultOf, type Say } from "./step";

/**
 * Pulumi's own host for Python is in no module that the proxy has; nor is one for Node that runs
 * plugins.
 */
const host = goStep({
  name: "pulumi-language-python",
  title: "building the lab's language host for Python",
  expectedSeconds: 30,
  package: ".",
  binary: "pulumi-language-python",
  version: "3.255.0",
  sources: ["main.go"],
});

/** Pulumi's own starter of programs in Python, which is a script in the SDK's module. */
async function starter(): Promise<string> {
  const module = "github.com/pulumi/pulumi/sdk/v3";
  const cwd = join(resultOf(host), "module");
  const folder = await must(["go", "list", "-m", "-f", "{{.Dir}}", module], {
    cwd,
    env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" },
  });
  return join(folder.trim(), "python/cmd/pulumi-language-python-exec");
}

/** An engine for programs in Python with plugins in Node: the folder of its parts, for PATH. */
export async function pythonEngine(say: Say): Promise<string> {
  const cli = await ensure(pulumiCli, { index: 1, count: 2 }, say);
  const built = await ensure(host, { index: 2, count: 2 }, say);
  const gathered = join(
    cacheDir(),
    `pulumi-python-${basename(cli).slice(-12)}-${basename(built).slice(-12)}`,
  );
  if (existsSync(join(gathered, "pulumi"))) return gathered;
  mkdirSync(gathered, { recursive: true });
  const [program = ""] = host.keyFiles;
  for (const name of [program, "pulumi-language-nodejs"])
    link(join(built, program), join(gathered, name));
  const starts = join(gathered, "pulumi-language-python-exec");
  copyFileSync(await starter(), starts);
  chmodSync(starts, 0o755);
  link(join(cli, "pulumi"), join(gathered, "pulumi"));
  return gathered;
}
