/**
 * How Ferry's scripts use Docker's command line, and each use as a host of any version has to
 * answer it: `test/adapters/docker-command.test.ts` holds the scripts to this list, and
 * `host-kinds.test.ts` the versions of Docker in the lab. Templates name fields of Docker's API
 * alone (`inspect`, `version`), or what every version's `ps` has.
 */
export interface DockerUse {
  /** "volume inspect" */
  readonly verb: string;
  readonly flags?: readonly string[];
  /** That templates may name. */
  readonly fields?: readonly string[];
  /** Run where a container `probe` runs and has the variable A=1; words that are its answer. */
  readonly probe: string;
  readonly says?: RegExp;
}

const INSPECTED = [
  ...[".State.Status", ".State.Running", ".State.Restarting", ".State.Pid", ".State.ExitCode"],
  ...[".RestartCount", ".HostConfig.RestartPolicy.Name", ".Config.Image", ".Config.Cmd"],
  ...[".Config.Env", ".Config.StopSignal", ".Config.Healthcheck", ".Test", ".ID"],
  ...[".State.Error", ".HostConfig.NetworkMode", ".HostConfig.IpcMode", ".HostConfig.PidMode"],
];

const EACH = INSPECTED.filter((field) => field !== ".Test").map((field) => `{{json ${field}}}`);

export const DOCKER_USES: readonly DockerUse[] = [
  {
    ...{ verb: "version", flags: ["-f"], fields: [".Server.MinAPIVersion"] },
    ...{ probe: "docker version -f '{{.Server.MinAPIVersion}}'", says: /^1\.\d+$/ },
  },
  {
    ...{ verb: "version", fields: [".Server.Version"] },
    ...{ probe: "docker version -f '{{.Server.Version}}'", says: /^\S+$/ },
  },
  {
    ...{ verb: "version", fields: [".Client.Version"] },
    ...{ probe: "docker version -f '{{.Client.Version}}'", says: /^\S+$/ },
  },
  { verb: "info", probe: "docker info >/dev/null && echo well", says: /^well$/ },
  {
    ...{ verb: "inspect", flags: ["-f", "--type"], fields: INSPECTED },
    probe: `docker inspect --type container -f '${EACH.join(" ")}' probe`,
    says: /^"running" true false \d+ 0 0 "(no)?" "\S+" \[.*\] \[.*"A=1".*\] \S+ \S.*$/,
  },
  {
    verb: "inspect",
    probe: "docker inspect --type container -f x nobody 2>&1 || true",
    says: /No such container: nobody/i,
  },
  {
    verb: "inspect",
    fields: [".Test"],
    probe:
      "docker inspect -f '{{with .Config.Healthcheck}}{{range .Test}}{{printf \"%s \" .}}{{end}}{{end}}' probe",
    says: /^CMD-SHELL true ?$/,
  },
  {
    verb: "inspect",
    fields: [
      ...[".State.Health", ".State.Health.Status"],
      ...[".Config.Hostname", ".Config.Domainname", ".Config.Labels"],
    ],
    probe: `docker inspect --type container -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.Config.Hostname}}.{{.Config.Domainname}} {{index .Config.Labels "ferry"}}' probe`,
    says: /^(starting|healthy|none) \S+\./,
  },
  {
    ...{ verb: "network inspect", flags: ["-f"], fields: [".IPAM.Config", ".Gateway"] },
    probe: "docker network inspect -f '{{range .IPAM.Config}}{{.Gateway}} {{end}}' bridge",
    // Some versions leave the first address out, which the script asks the bridge for.
    says: /^(\d+(\.\d+){3})? *$/,
  },
  {
    ...{ verb: "image inspect", probe: "docker image inspect ferry-demo/box:1 >/dev/null && echo" },
    says: /^$/,
  },
  {
    ...{ verb: "ps", flags: ["-a", "-aq", "--filter", "--format"], fields: [".Names"] },
    ...{ probe: "docker ps -a --filter label=ferry --format '{{.Names}}'", says: /^probe$/ },
  },
  { verb: "ps", probe: "docker ps -aq --filter label=ferry", says: /^[0-9a-f]{12}$/ },
  {
    ...{ verb: "ps", flags: ["--no-trunc", "-q"] },
    ...{ probe: "docker ps -q --no-trunc --filter label=ferry", says: /^[0-9a-f]{64}$/ },
  },
  { verb: "ps", probe: "docker ps -aq --no-trunc --filter label=ferry", says: /^[0-9a-f]{64}$/ },
  { verb: "logs", flags: ["--tail"], probe: "docker logs --tail 40 probe 2>&1", says: /^$/ },
  {
    ...{ verb: "update", flags: ["--restart"] },
    ...{ probe: "docker update --restart=no probe", says: /^probe$/ },
  },
  {
    verb: "rename",
    probe: "docker rename probe other && docker rename other probe && echo well",
    says: /^well$/,
  },
  { verb: "exec", probe: "docker exec probe /bin/echo well", says: /^well$/ },
  {
    ...{ verb: "kill", flags: ["--signal"] },
    ...{ probe: "docker kill --signal SIGCONT probe", says: /^probe$/ },
  },
  { verb: "stop", probe: "docker stop probe", says: /^probe$/ },
  { verb: "start", probe: "docker start probe", says: /^probe$/ },
  {
    ...{ verb: "events", flags: ["--filter"] },
    // The line of an event is only waited for: what it says is not looked at.
    probe:
      "(sleep 2; docker kill probe >/dev/null) & timeout 30 docker events --filter type=container --filter event=die | { read -r _ && echo well; }",
    says: /^well$/,
  },
  {
    ...{ verb: "events", flags: ["--format"] },
    fields: [".Actor.ID", ".Action", ".Actor.Attributes.name"],
    probe:
      "docker start probe >/dev/null; (sleep 2; docker kill probe >/dev/null) & timeout 30 docker events --filter type=container --filter event=die --format '{{.Actor.ID}} {{.Action}} {{.Actor.Attributes.name}}' | { read -r _ said && echo $said; }",
    says: /^die probe$/,
  },
  {
    verb: "create",
    flags: ["--name", "--hostname", "--label", "-e", "-v", "--restart", "--entrypoint", "-c"],
    probe:
      "docker create --name other --hostname other --label a=1 -e A=1 -v /tmp:/x:ro,z --restart always --entrypoint /bin/sh -p 1:1/tcp ferry-demo/box:1 -c true >/dev/null && docker rm -f other",
    says: /^other$/,
  },
  { ...{ verb: "rm", flags: ["-f"] }, probe: "docker rm -f probe", says: /^probe$/ },
  {
    ...{ verb: "volume create", flags: ["--label"] },
    ...{ probe: "docker volume create --label a=1 probe", says: /^probe$/ },
  },
  {
    verb: "volume inspect",
    flags: ["-f"],
    fields: [".Mountpoint", ".Driver", ".Options"],
    probe: "docker volume inspect -f '{{.Driver}} {{len .Options}} {{.Mountpoint}}' probe",
    says: /^local 0 \/.*\/probe\/_data$/,
  },
  { verb: "volume rm", probe: "docker volume rm probe", says: /^probe$/ },
  {
    ...{ verb: "pull", flags: ["-q"] },
    // No registry is to be had: it is the command that has to take the words.
    probe: "docker pull -q localhost:1/none 2>&1 | grep -c 'unknown' || true",
    says: /^0$/,
  },
  {
    ...{ verb: "load", flags: ["-q", "-i"] },
    probe:
      "docker save ferry-demo/box:1 >/tmp/probe && docker load -q -i /tmp/probe >/dev/null && rm /tmp/probe && echo well",
    says: /^well$/,
  },
  { verb: "rmi", probe: "docker rmi none:none 2>&1 || true", says: /No such image/i },
];

/** Makes the container that the probes are about. */
export const PROBED =
  "docker run -d --name probe --label ferry=1 -e A=1 --health-cmd true ferry-demo/box:1 /bin/sleep 600";
