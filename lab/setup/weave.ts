import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "../errors";
import { exec, must, mustLogged } from "../exec";
import type { WeaveName } from "../kind";
import { copyModule, copyPinned, pinned, type Unmodular } from "./go-module";
import type { Step } from "./step";
import { type Edit, prometheusEdits, reweaveEdits } from "./weave-edits";

const released: Unmodular = { path: "github.com/weaveworks/weave", version: "2.6.5", go: "1.14" };

interface WeaveSource {
  /** What the command and the router say of themselves, and the tag of their images. */
  version: string;
  /** Whose images the command wants. */
  owner: string;
  title: string;
  edits: readonly Edit[];
}

export const weaves: Record<WeaveName, WeaveSource> = {
  "weave-2.6.5": {
    version: released.version,
    owner: "weaveworks",
    title: `building Weave Net ${released.version} from its Go module`,
    edits: prometheusEdits,
  },
  "weave-as-reweave": {
    version: "2.9.0",
    owner: "rajchaudhuri",
    title: `building Weave Net ${released.version}, edited to do as reWeave 2.9.0, from its Go module`,
    edits: [...prometheusEdits, ...reweaveEdits],
  },
};

/** Name in `bin/` -> package and build tags, as Weave's own Makefile has them. */
const programs: Record<string, { path: string; tags: string }> = {
  weaver: { path: "prog/weaver", tags: "osusergo netgo" },
  weaveutil: { path: "prog/weaveutil", tags: "osusergo netgo" },
  sigproxy: { path: "prog/sigproxy", tags: "osusergo netgo" },
  weavewait: { path: "prog/weavewait", tags: "osusergo netgo iface mcast" },
  weavewait_nomcast: { path: "prog/weavewait", tags: "osusergo netgo iface" },
  weavewait_noop: { path: "prog/weavewait", tags: "osusergo netgo" },
};

/**
 * Weave probes with a throw-away link of kind `dummy`; where the kernel has none, any other kind
 * serves.
 */
const dummyLinkEdit: Edit = { file: "net/bridge.go", from: "netlink.Dummy{", to: "netlink.Ifb{" };

async function kernelHasDummyLinks(): Promise<boolean> {
  const name = `fd${process.pid}`;
  if ((await exec(["ip", "link", "add", name, "type", "dummy"])).code !== 0) return false;
  await must(["ip", "link", "del", name]);
  return true;
}

export function applyEdit(edit: Edit, source: string): void {
  const path = join(source, edit.file);
  const before = readFileSync(path, "utf8");
  const after = before.replace(edit.from, edit.to);
  if (after === before) throw new LabError(`${edit.file} is not as expected: cannot be adapted`);
  writeFileSync(path, after);
}

export function weaveBuild(name: WeaveName): Step {
  const { version, title, edits } = weaves[name];
  return {
    name: name === "weave-2.6.5" ? "weave" : name,
    title,
    expectedSeconds: 90,
    recipe: () =>
      JSON.stringify([
        version,
        programs,
        [...edits, dummyLinkEdit].map((edit) => [edit.file, String(edit.from), edit.to]),
        ...pinned("weave"),
      ]),
    keyFiles: [...Object.keys(programs).map((program) => `bin/${program}`), "bin/weave"],
    build: async (dir, log) => {
      copyPinned("weave", dir);
      const source = join(dir, "src");
      const env = { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", CGO_ENABLED: "1" };
      await copyModule(released, source, { cwd: dir, env });
      for (const edit of edits) applyEdit(edit, source);
      if (!(await kernelHasDummyLinks())) applyEdit(dummyLinkEdit, source);

      mkdirSync(join(dir, "bin"));
      for (const [program, { path, tags }] of Object.entries(programs)) {
        const flags = ["-trimpath", "-tags", tags];
        const linker = ["-ldflags", `-X main.version=${version} -s -w`];
        const target = ["-o", join(dir, "bin", program), `${released.path}/${path}`];
        await mustLogged(["go", "build", ...flags, ...linker, ...target], log, { cwd: dir, env });
      }
      const script = readFileSync(join(source, "weave"), "utf8");
      // The command looks for images that carry its own version.
      const command = script.replace(/^SCRIPT_VERSION=.*$/m, `SCRIPT_VERSION="${version}"`);
      writeFileSync(join(dir, "bin/weave"), command);
      chmodSync(join(dir, "bin/weave"), 0o755);
      rmSync(source, { recursive: true });
    },
  };
}
