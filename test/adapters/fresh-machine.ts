import { spawnSync } from "child_process";
import { createHash } from "crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "fs";
import { tmpdir } from "os";
import { dirname, join, relative } from "path";
import { packageFiles } from "../../components/package-files";
import { readBootstrap, type BootstrapSettings } from "../../provider/core/bootstrap/settings";
import { bootstrapSteps, type Proxies } from "../../provider/core/bootstrap/steps";
import { NEEDED_TOOLS, packagesFor } from "../../provider/core/host/needed-tools";
import { hostProgram } from "../../provider/on-host/load";

/** A shell, and whose tools it finds: those of a glibc system, or busybox's own. */
export interface Distribution {
  readonly name: string;
  readonly shell: readonly string[];
  readonly busybox: boolean;
}

const DISTRIBUTIONS: readonly Distribution[] = [
  { name: "dash with GNU's tools", shell: ["dash"], busybox: false },
  { name: "busybox with its own tools", shell: ["busybox", "sh"], busybox: true },
];

export function distributionOf(name: string): Distribution {
  const found = DISTRIBUTIONS.find((each) => each.name === name);
  const [program = "", ...args] = found?.shell ?? [];
  if (found !== undefined && spawnSync(program, [...args, "-c", ":"]).status === 0) return found;
  throw new Error(`${name}: is not on this machine; tools/setup.sh brings it`);
}

/** What every system has. */
const TOOLS =
  "cat chmod cp cut env find grep head mkdir mv readlink rm rmdir sed sha256sum sort tail timeout tr uname".split(
    " ",
  );

/** Which programs a package brings. */
const BRINGS: Record<string, string> = {
  "docker.io": "dockerd docker",
  "docker.io-alone": "dockerd",
  "docker-cli": "docker",
  "docker-ce": "dockerd",
  "docker-ce-cli": "docker",
  "moby-engine": "dockerd",
  docker: "dockerd",
  "python3-minimal": "python3",
  iptables: "iptables ebtables",
  "iptables-nft": "iptables ebtables",
  iproute2: "ip",
  iproute: "ip",
  curl: "curl",
  rsync: "rsync",
  python3: "python3",
  ebtables: "ebtables",
};

const toolsByPackage = () =>
  Object.fromEntries(
    packagesFor(NEEDED_TOOLS).map((name) => [
      name,
      NEEDED_TOOLS.filter((tool) => packagesFor([tool])[0] === name).join(" "),
    ]),
  );

const DOCKERS_KEY = "1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570";

/**
 * A fake program by its name; \`calls\`, \`state\` and \`bin\` are folders and files of the
 * machine.
 */
const PROGRAMS: Record<string, string> = {
  id: `case $1 in -u) echo "$(cat "$state/uid" 2>/dev/null || echo 0)" ;; -nG) cat "$state/groups" 2>/dev/null || echo users ;; esac`,
  sleep: ":",
  dpkg: "echo amd64",
  "dpkg-deb": `file=\${2##*/}; echo "\${file%.deb}"`,
  "dpkg-query": `for last in "$@"; do :; done; if grep -qx "$last" "$state/installed"; then echo installed; else exit 1; fi`,
  rpm: `for last in "$@"; do :; done
case $1 in -qp) file=\${last##*/}; echo "\${file%.rpm}" ;; *) grep -qx "$last" "$state/installed" ;; esac`,
  "apt-get": `note apt-get "$@"
case " $* " in *" update "*)
  reach "$root/etc/apt/sources.list.d"
  left=$(cat "$state/locked" 2>/dev/null || echo 0)
  [ "$left" = 0 ] && exit 0
  echo $((left - 1)) >"$state/locked"
  echo "E: Could not get lock /var/lib/apt/lists/lock" >&2
  exit 100 ;;
esac
for conflicting in $(cat "$state/conflicts" 2>/dev/null); do
  case " $* " in *" $conflicting "* | *"/$conflicting.deb "*)
    case " $* " in *" --no-remove "*) echo "E: Packages need to be removed but remove is disabled." >&2; exit 100 ;; esac
    : >"$state/installed" ;;
  esac
done
bring "$@"`,
  dnf: `note dnf "$@"; reach "$root/etc/yum.repos.d"; bring "$@"`,
  apk: `case $1 in info) grep -qx "$3" "$state/installed"; exit ;; esac
note apk "$@"; reach "$root/etc/apk/repositories"; bring "$@"`,
  systemctl: `note systemctl "$@"; case "$*" in "start docker.service") [ ! -e "$state/broken" ] && touch_up ;; esac`,
  journalctl: "echo 'dockerd: no space left'",
  "rc-update": `note rc-update "$@"`,
  "rc-service": `note rc-service "$@"; touch_up`,
  usermod: `note usermod "$@"`,
  addgroup: `note addgroup "$@"`,
  dockerd: ":",
  docker: `case $1 in
  --version) echo "\${PODMAN:-Docker} version 26.1.5" ;;
  info) [ -e "$state/up" ] ;;
  version) echo 26.1.5 ;;
  image) grep -qx "$3" "$state/images" 2>/dev/null ;;
  pull) note docker "$@"; [ ! -e "$state/no-registry" ] && echo "$3" >>"$state/images" ;;
  load) note docker "$@"; cat "$4" >>"$state/images" ;;
esac`,
  curl: `note curl "$@"
while [ $# -gt 1 ]; do case $1 in -o) out=$2; shift ;; esac; shift; done
cat "$state/web/$(printf %s "$1" | tr / _)" >"$out" 2>/dev/null || { echo "curl: (22) 404" >&2; exit 22; }`,
  "cloud-init": `note cloud-init "$@"`,
  // The key that the scripts pin is Docker's own, which no test has.
  sha256sum: `if [ -e "$state/pinned-key" ] && [ "$(cat "$1")" = "$(cat "$state/pinned-key")" ]; then
  echo "${DOCKERS_KEY}  $1"
else $tools/sha256sum "$1"; fi`,
};

interface Places {
  readonly root: string;
  readonly calls: string;
  readonly state: string;
  readonly bin: string;
  readonly library: string;
  readonly tools: string;
}

const head = ({ root, calls, state, bin, library, tools }: Places, release: string) => `#!/bin/sh
state=${state} bin=${bin} tools=${tools} root=${root}
note() { echo "$*" >>${calls}; }
touch_up() { : >"$state/up"; }
reach() {
  [ -e "$state/unreachable" ] && grep -rqsf "$state/unreachable" "$1" || return 0
  echo "E: The repository $(cat "$state/unreachable") does not answer." >&2
  exit 100
}
bring() {
  for word in "$@"; do
    case $word in /* | ./* | *=*) ;; */*) echo "E: Unable to locate package $word" >&2; exit 100 ;; esac
    name=\${word##*/} name=\${name%.deb} name=\${name%.rpm} name=\${name%-[0-9]*.apk}
    case $name in -*) continue ;; docker.io) case ${release} in debian-13) name=docker.io-alone ;; esac ;; esac
    grep -qx "$name" "$state/unknown" 2>/dev/null && { echo "no package $name" >&2; exit 100; }
    if [ -e "${library}/brings/$name" ]; then
      echo "\${name%-alone}" >>"$state/installed"
      for program in $(cat "${library}/brings/$name"); do cp "${library}/$program" "$bin/$program"; done
    fi
  done
}
`;

export interface Ran {
  readonly code: number;
  readonly said: string;
}

/** A machine that has sshd and nothing else, as far as the scripts see it. */
export class FreshMachine {
  readonly folder = mkdtempSync(join(tmpdir(), "ferry-fresh-"));
  readonly root = join(this.folder, "root");
  readonly #bin = join(this.folder, "root/usr/bin");
  readonly #state = join(this.folder, "state");
  readonly #library = join(this.folder, "library");
  readonly #tools = join(this.folder, "tools");
  readonly #calls = join(this.folder, "calls");

  constructor(
    readonly distribution: Distribution,
    release: string,
    has: readonly string[],
  ) {
    const [id = "", version = "", codename = ""] = release.split("-");
    const folders = [this.root, this.#bin, this.#state, this.#library, this.#tools];
    for (const each of folders) mkdirSync(each, { recursive: true });
    this.write(
      "etc/os-release",
      `ID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\nPRETTY_NAME="${id} ${version}"\n`,
    );
    const places = {
      ...{ calls: this.#calls, state: this.#state, bin: this.#bin },
      ...{ root: this.root, library: this.#library, tools: this.#tools },
    };
    const begin = head(places, `${id}-${version}`);
    for (const [name, text] of Object.entries({ ...plain(), ...PROGRAMS })) {
      writeFileSync(join(this.#library, name), `${begin}${text}\n`, { mode: 0o755 });
    }
    mkdirSync(join(this.#library, "brings"));
    const brings = { ...BRINGS, ...toolsByPackage() };
    for (const [name, brought] of Object.entries(brings)) {
      writeFileSync(join(this.#library, "brings", name), brought);
    }
    this.state("installed");
    for (const tool of new Set([...TOOLS, ...NEEDED_TOOLS])) this.#link(tool);
    // Busybox's own are where Alpine has them; elsewhere they only do the work of others.
    const own = id === "alpine" && distribution.busybox ? [] : NEEDED_TOOLS;
    for (const name of ["id", "sleep", ...own, ...has]) this.add(name);
    writeFileSync(this.#calls, "");
  }

  #link(tool: string): void {
    const found = spawnSync("sh", [
      "-c",
      `command -v ${this.distribution.busybox ? "busybox" : tool}`,
    ]);
    symlinkSync(found.stdout.toString().trim(), join(this.#tools, tool));
  }

  add(program: string): void {
    const text = readFileSync(join(this.#library, program));
    writeFileSync(join(this.#bin, program), text);
    chmodSync(join(this.#bin, program), 0o755);
  }

  write(path: string, text: string, base = this.root): void {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }

  weave(text: string, mode = 0o755): void {
    this.write("usr/local/bin/weave", text);
    chmodSync(join(this.root, "usr/local/bin/weave"), mode);
  }

  state(name: string, text = ""): void {
    this.write(name, text, this.#state);
  }

  /** A socket, as who listens there has made it. */
  socket(path: string): void {
    this.write(path, "");
    rmSync(join(this.root, path));
    const bind = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
    spawnSync("python3", ["-c", bind, join(this.root, path)]);
  }

  /** Packages managers fail as long as one of their repositories has these words. */
  unreachable(words: string): void {
    this.state("unreachable", `${words}\n`);
  }

  installed(): string[] {
    return readFileSync(join(this.#state, "installed"), "utf8").split("\n").slice(0, -1);
  }

  /** What an address answers with. */
  serve(url: string, text: string): string {
    this.state(`web/${url.replaceAll("/", "_")}`, text);
    return createHash("sha256").update(text).digest("hex");
  }

  read(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  /** Every file outside of the programs, and every package: what a preparation may change. */
  files(): Record<string, string> {
    const all = readdirSync(this.root, { recursive: true, withFileTypes: true });
    return Object.fromEntries(
      all
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name))
        .sort()
        .map((file) => [relative(this.root, file), readFileSync(file, "utf8")]),
    );
  }

  /**
   * The modes that a file has had: also the one that it had before `chmod`, where `watch` was asked
   * for.
   */
  modes(path: string): string[] {
    const seen = this.#watched ? readFileSync(join(this.#state, "modes"), "utf8").split("\n") : [];
    const before = seen.flatMap((line) => {
      const [mode = "", file = ""] = line.split(" ");
      const name = relative(this.root, file).replace(/\.ferry-new$/, "");
      return name === path ? [mode] : [];
    });
    const now = (statSync(join(this.root, path)).mode & 0o777).toString(8);
    return [...new Set([...before, now])];
  }

  #watched = false;

  /** From now on `chmod` notes what mode a file that holds something had before. */
  watch(): void {
    this.#watched = true;
    this.state("modes");
    const text = `#!/bin/sh
for last in "$@"; do :; done
if [ -s "$last" ]; then echo "$(stat -c %a "$last") $last" >>'${join(this.#state, "modes")}'; fi
exec ${this.#tools}/chmod "$@"
`;
    writeFileSync(join(this.#bin, "chmod"), text, { mode: 0o755 });
  }

  /** What is beside the machine's root: the home folder of who logs in. */
  left(): string[] {
    return readdirSync(this.folder);
  }

  /** What was called since it was asked last. */
  calls(): string[] {
    const lines = readFileSync(this.#calls, "utf8").split("\n").slice(0, -1);
    writeFileSync(this.#calls, "");
    return lines.map((line) => line.replaceAll(this.root, "").replaceAll(this.folder, "."));
  }

  run(
    part: string,
    given: unknown = true,
    more: { proxies?: Proxies; env?: NodeJS.ProcessEnv; packageFiles?: string[] } = {},
  ): Ran {
    const settings = readBootstrap(given) as BootstrapSettings;
    if (Array.isArray(settings)) throw new Error(JSON.stringify(settings));
    const copied = join(this.folder, ".pulumi-ferry-bootstrap/packages");
    const files = more.packageFiles ?? (existsSync(copied) ? packageFiles(copied) : []);
    const steps = bootstrapSteps(settings, hostProgram, files);
    const step = steps.find((each) => each.part === part);
    const stdin = step?.stdin(more.proxies ?? {}).replace(/^root=''$/m, `root='${this.root}'`);
    const [program = "", ...args] = this.distribution.shell;
    const found = spawnSync("sh", ["-c", `command -v ${program}`])
      .stdout.toString()
      .trim();
    const { status, stdout, stderr } = spawnSync(found, [...args, "-s"], {
      cwd: this.folder,
      input: stdin ?? "",
      env: { PATH: `${this.#bin}:${this.#tools}`, ...more.env },
    });
    return { code: status ?? -1, said: `${stdout.toString()}${stderr.toString()}` };
  }

  /** All parts; the first that fails is the last. */
  prepare(given: unknown = true, proxies: Proxies = {}): Ran {
    let said = "";
    for (const part of ["system", "docker", "tools", "weave", "images"] as const) {
      const ran = this.run(part, given, { proxies });
      said += ran.said;
      if (ran.code !== 0) return { code: ran.code, said: `${part}: ${said}` };
    }
    return { code: 0, said };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Programs of which it only matters that they are there, and that they are not busybox's. */
function plain(): Record<string, string> {
  const names = ["rsync", "python3", "iptables", "ebtables", "ip"];
  return Object.fromEntries([
    ...names.map((name) => [name, ":"]),
    ...NEEDED_TOOLS.map((name) => [name, `exec "$tools/${name}" "$@"`]),
  ]) as Record<string, string>;
}
