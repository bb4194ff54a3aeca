import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { mustLogged } from "../exec";
import type { BuiltDocker } from "../kind";
import { copyModule, copyPinned, pinned, type Unmodular } from "./go-module";
import type { Step } from "./step";

interface DockerBuild {
  expectedSeconds: number;
  daemon: string;
  /** What is built from a copy, by the folder that our go.mod has for it. */
  copied: Record<string, Unmodular>;
  /** Variables that hold the versions that the programs tell. */
  versions: Record<string, string>;
}

const cli = "github.com/docker/cli";
const classic = "github.com/docker/docker";
const moby = "github.com/moby/moby/v2";

const builds: Record<BuiltDocker, DockerBuild> = {
  "28": {
    expectedSeconds: 240,
    daemon: classic,
    copied: {
      "src/docker": { path: classic, version: "28.5.2", go: "1.24.0" },
      "src/cli": { path: cli, version: "28.5.2", go: "1.24.0" },
    },
    versions: { [classic]: "28.5.2", [cli]: "28.5.2" },
  },
  "29": {
    expectedSeconds: 240,
    daemon: moby,
    copied: { "src/cli": { path: cli, version: "29.9.3", go: "1.26.0" } },
    // The daemon's module has numbers of its own; this is the release that its beta.24 belongs to.
    versions: { [moby]: "29.9.3+moby.v2.0.0-beta.24", [cli]: "29.9.3" },
  },
};

/** Place in the host's tree -> package. */
const programsOf = (daemon: string): Record<string, string> => ({
  "usr/sbin/dockerd": `${daemon}/cmd/dockerd`,
  "usr/sbin/docker-proxy": `${daemon}/cmd/docker-proxy`,
  "usr/bin/docker": `${cli}/cmd/docker`,
});

/**
 * A Docker that no release of Debian's has here: its daemon and command line, to be laid over a
 * host's tree, whose containerd, runc and units it goes with.
 */
export function builtDocker(name: BuiltDocker): Step {
  const { expectedSeconds, daemon, copied, versions } = builds[name];
  const tool = `docker-${name}`;
  const programs = programsOf(daemon);
  const stamps = Object.entries(versions).map(([module, version]) => {
    const variable = module === cli ? "cli/version.Version" : "dockerversion.Version";
    return `-X ${module}/${variable}=${version}`;
  });
  // Without C: the libraries of the machine that builds are not those of the host.
  const settings = { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOWORK: "off" };
  const flags = ["-trimpath", "-tags", "netgo osusergo", "-ldflags", `-s -w ${stamps.join(" ")}`];
  return {
    name: tool,
    title: `building Docker ${name} from its Go modules`,
    expectedSeconds,
    recipe: () => JSON.stringify([settings, flags, programs, copied, ...pinned(tool)]),
    keyFiles: Object.keys(programs).map((place) => join("root", place)),
    build: async (dir, log) => {
      copyPinned(tool, dir);
      mkdirSync(join(dir, "src"));
      const options = { cwd: dir, env: { ...process.env, ...settings } };
      for (const [folder, module] of Object.entries(copied)) {
        await copyModule(module, join(dir, folder), options);
      }
      for (const [place, program] of Object.entries(programs)) {
        const build = ["go", "build", ...flags, "-o", join(dir, "root", place), program];
        await mustLogged(build, log, options);
      }
      rmSync(join(dir, "src"), { recursive: true });
    },
  };
}
