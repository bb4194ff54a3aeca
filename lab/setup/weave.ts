import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "../errors";
import { exec, must, mustLogged } from "../exec";
import { repoRoot } from "./pulumi";
import type { Step } from "./step";

export const weaveVersion = "2.6.5";
const weaveModule = "github.com/weaveworks/weave";
const moduleFiles = ["go.mod", "go.sum"];

/** Name in `bin/` -> package and build tags, as Weave's own Makefile has them. */
const programs: Record<string, { path: string; tags: string }> = {
  weaver: { path: "prog/weaver", tags: "osusergo netgo" },
  weaveutil: { path: "prog/weaveutil", tags: "osusergo netgo" },
  sigproxy: { path: "prog/sigproxy", tags: "osusergo netgo" },
  weavewait: { path: "prog/weavewait", tags: "osusergo netgo iface mcast" },
  weavewait_nomcast: { path: "prog/weavewait", tags: "osusergo netgo iface" },
  weavewait_noop: { path: "prog/weavewait", tags: "osusergo netgo" },
};

/** Changes made to the copy that is built, never kept anywhere else. */
interface Edit {
  file: string;
  from: string | RegExp;
  to: string;
}

/** The release has no go.mod, so its prometheus client floats; these calls follow the client that ours pins. */
const prometheusEdits: Edit[] = [
  {
    file: "prog/weaver/metrics.go",
    from: 'NewProcessCollector(os.Getpid(), "")',
    to: "NewProcessCollector(prometheus.ProcessCollectorOpts{})",
  },
  { file: "prog/weaver/metrics.go", from: /^\t"os"\n/m, to: "" },
];

/** Weave probes with a throw-away link of kind `dummy`; where the kernel has none, any other kind serves. */
const dummyLinkEdit: Edit = { file: "net/bridge.go", from: "netlink.Dummy{", to: "netlink.Ifb{" };

async function kernelHasDummyLinks(): Promise<boolean> {
  const name = `fd${process.pid}`;
  if ((await exec(["ip", "link", "add", name, "type", "dummy"])).code !== 0) return false;
  await must(["ip", "link", "del", name]);
  return true;
}

function apply(edit: Edit, source: string): void {
  const path = join(source, edit.file);
  const before = readFileSync(path, "utf8");
  const after = before.replace(edit.from, edit.to);
  if (after === before) throw new LabError(`${edit.file} is not as expected: cannot be adapted`);
  writeFileSync(path, after);
}

export const weaveBuild: Step = {
  name: "weave",
  title: `building Weave Net ${weaveVersion} from its Go module`,
  expectedSeconds: 90,
  recipe: () =>
    JSON.stringify([
      weaveVersion,
      programs,
      [...prometheusEdits, dummyLinkEdit].map((edit) => [edit.file, String(edit.from), edit.to]),
      ...moduleFiles.map((file) => readFileSync(join(repoRoot, "tools/weave", file), "utf8")),
    ]),
  keyFiles: [...Object.keys(programs).map((name) => `bin/${name}`), "bin/weave"],
  build: async (dir, log) => {
    for (const file of moduleFiles) cpSync(join(repoRoot, "tools/weave", file), join(dir, file));
    const source = join(dir, "src");
    const env = { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", CGO_ENABLED: "1" };
    const module = `${weaveModule}@v${weaveVersion}+incompatible`;
    const found = JSON.parse(
      await must(["go", "mod", "download", "-json", module], { cwd: dir, env }),
    ) as { Dir?: string };
    if (found.Dir === undefined) throw new LabError(`go mod download found no ${module}`);
    cpSync(found.Dir, source, { recursive: true });
    await must(["chmod", "-R", "u+w", source]);
    writeFileSync(join(source, "go.mod"), `module ${weaveModule}\n\ngo 1.14\n`);
    for (const edit of prometheusEdits) apply(edit, source);
    if (!(await kernelHasDummyLinks())) apply(dummyLinkEdit, source);

    mkdirSync(join(dir, "bin"));
    for (const [name, program] of Object.entries(programs)) {
      const flags = ["-trimpath", "-tags", program.tags];
      const linker = ["-ldflags", `-X main.version=${weaveVersion} -s -w`];
      const target = ["-o", join(dir, "bin", name), `${weaveModule}/${program.path}`];
      await mustLogged(["go", "build", ...flags, ...linker, ...target], log, { cwd: dir, env });
    }
    const script = readFileSync(join(source, "weave"), "utf8");
    // The command looks for images that carry its own version.
    const command = script.replace(/^SCRIPT_VERSION=.*$/m, `SCRIPT_VERSION="${weaveVersion}"`);
    writeFileSync(join(dir, "bin/weave"), command);
    chmodSync(join(dir, "bin/weave"), 0o755);
    rmSync(source, { recursive: true });
  },
};
