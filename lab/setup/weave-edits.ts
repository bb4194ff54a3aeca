/** A change made to the copy of Weave's source that is built; it is never kept anywhere else. */
export interface Edit {
  file: string;
  from: string | RegExp;
  to: string;
}

/**
 * The release has no go.mod, so its prometheus client floats; these calls follow the client that
 * ours pins.
 */
export const prometheusEdits: readonly Edit[] = [
  {
    file: "prog/weaver/metrics.go",
    from: 'NewProcessCollector(os.Getpid(), "")',
    to: "NewProcessCollector(prometheus.ProcessCollectorOpts{})",
  },
  { file: "prog/weaver/metrics.go", from: /^\t"os"\n/m, to: "" },
];

/** The version that a variable names, else the oldest that today's Docker still speaks. */
const apiVersion = `
func dockerAPIVersion(usual string) string {
	if wanted := os.Getenv("DOCKER_API_VERSION"); wanted != "" {
		return wanted
	}
	return usual
}
`;

const spokenBy = (file: string): Edit => ({
  file: `prog/weaveutil/${file}`,
  from: /NewVersionedClientFromEnv\("1\.\d+"\)/g,
  to: 'NewVersionedClientFromEnv(dockerAPIVersion("1.24"))',
});

/**
 * Docker's API: 1.24 and what is otherwise wanted, where Weave Net has fixed 1.18, 1.21 and 1.26.
 */
const apiEdits: readonly Edit[] = [
  { file: "prog/weaveutil/main.go", from: /\nfunc main\(\)/, to: `${apiVersion}$&` },
  ...["volume.go", "addrs.go", "container.go", "plugin_network.go"].map(spokenBy),
  {
    file: "prog/weaveutil/swarm.go",
    from: "FromEnv(DOCKER_API_VERSION)",
    to: "FromEnv(dockerAPIVersion(DOCKER_API_VERSION))",
  },
  { file: "proxy/proxy.go", from: /\nfunc StubProxy/, to: `${apiVersion}$&` },
  {
    file: "proxy/proxy.go",
    from: 'c.DockerHost, "1.18")',
    to: 'c.DockerHost, dockerAPIVersion("1.24"))',
  },
];

/**
 * From API 1.20 on a container has `Mounts` and no `Volumes`; reWeave takes the volume's name, not
 * its folder.
 */
const mountEdits: readonly Edit[] = [
  {
    file: "proxy/proxy.go",
    from: /\tif container\.Volumes == nil \{[^]*?\treturn volume, nil\n/,
    to: `	for _, mount := range container.Mounts {
		if mount.Destination == v {
			return mount.Name, nil
		}
	}
	return "", fmt.Errorf("Could not find the weavewait volume %s", v)
`,
  },
  {
    file: "proxy/create_exec_interceptor.go",
    from: 'if _, hasWeaveWait := container.Volumes["/w"]; !hasWeaveWait {',
    to: `hasWeaveWait := false
	for _, mount := range container.Mounts {
		hasWeaveWait = hasWeaveWait || mount.Destination == "/w"
	}
	if !hasWeaveWait {`,
  },
];

/**
 * A chain in each of three tables, by which later releases notice that somebody flushed them;
 * `reset` leaves it.
 */
const canaryEdits: readonly Edit[] = [
  { file: "prog/weaver/main.go", from: "import (\n", to: 'import (\n\t"os/exec"\n' },
  {
    file: "prog/weaver/main.go",
    from: "\tsignals.SignalHandlerLoop(",
    to: `	for _, table := range []string{"mangle", "nat", "filter"} {
		exec.Command("iptables", "-w", "-t", table, "-N", "WEAVE-CANARY").Run()
	}
$&`,
  },
];

/**
 * Its command: other images, and what it hands to its helpers. The router is not told the API's
 * version.
 */
const commandEdits: readonly Edit[] = [
  { file: "weave", from: "${DOCKERHUB_USER:-weaveworks}", to: "${DOCKERHUB_USER:-rajchaudhuri}" },
  {
    file: "weave",
    from: /^( +)-e CHECKPOINT_DISABLE \\\n( +)-e AWSVPC/m,
    to: "$1-e CHECKPOINT_DISABLE \\\n$1-e DOCKER_API_VERSION \\\n$1-t \\\n$2-e AWSVPC",
  },
];

/** What reWeave 2.9.0 does otherwise than Weave Net 2.6.5, as far as Ferry meets it. */
export const reweaveEdits: readonly Edit[] = [
  ...apiEdits,
  ...mountEdits,
  ...canaryEdits,
  ...commandEdits,
];
