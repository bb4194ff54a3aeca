import { existsSync, readFileSync } from "fs";
import { join } from "path";
import { compareVersions, type HostFacts } from "../../../provider/core/host/facts";
import { hostTable, judge } from "../../../provider/core/host/fitness";
import {
  isReweave,
  weaveApiVersion,
  weaveRows,
  type WeaveCommandFacts,
} from "../../../provider/core/weave/fitness";

type Facts = HostFacts & { readonly weave: WeaveCommandFacts };

const FACTS: Facts = {
  docker: {
    id: "",
    version: "20.10.24",
    apiVersion: "1.41",
    minApiVersion: "1.12",
    architecture: "amd64",
    operatingSystem: "Debian GNU/Linux 12",
    rootDirectory: "/var/lib/docker",
    containerdAddress: "",
    engine: "docker",
    rootless: false,
    usernsRemap: false,
    liveRestore: false,
    imageStore: "docker",
    kernel: "6.1.0",
    cgroupVersion: "2",
  },
  weave: { version: "2.8.1", images: "weaveworks" },
  machine: {
    hasDockerCommand: true,
    iptables: "nft",
    hasEbtables: true,
    hasSystemd: true,
    lesserTools: [],
    rsync: "3.2.7",
    python: "3.11",
    selinux: "none",
    clockAheadSeconds: 0,
  },
};

interface Change {
  readonly docker?: Partial<HostFacts["docker"]>;
  readonly weave?: Partial<WeaveCommandFacts>;
  readonly machine?: Partial<HostFacts["machine"]>;
}

const facts = ({ docker, weave, machine }: Change): Facts => ({
  docker: { ...FACTS.docker, ...docker },
  weave: { version: "2.8.1", images: "weaveworks", ...weave },
  machine: { ...FACTS.machine, ...machine },
});

const TRIXIE = { version: "26.1.5", minApiVersion: "1.24" };
const DOCKER_29 = { version: "29.0.1", minApiVersion: "1.44" };
const REWEAVE = { version: "2.9.0", images: "rajchaudhuri" };

/** One example that each row holds for, by the row's own name: a row without one is told. */
const EXAMPLES: Readonly<Record<string, { example: Change; says?: RegExp }>> = {
  "Podman's socket in Docker's place": {
    example: { docker: { engine: "podman" } },
    says: /Podman's.*Install Docker itself/,
  },
  "rootless Docker": { example: { docker: { rootless: true } }, says: /rootless.*as root/ },
  "no `docker` command": {
    example: { machine: { hasDockerCommand: false } },
    says: /no `docker` command.*docker-cli/,
  },
  "a `docker` command too old, or too new, for its Docker": {
    example: { docker: { version: "28.5.2" }, machine: { refusedDockerCommand: "19.03.15" } },
    says: /its `docker` command is 19\.03\.15, which Docker 28\.5\.2 refuses\. .*upgrade docker-ce-cli/,
  },
  "no iptables": { example: { machine: { iptables: "none" } }, says: /no iptables/ },
  "iptables-legacy with reWeave 2.9.0 or later": {
    example: { machine: { iptables: "legacy" }, weave: REWEAVE },
    says: /its iptables is the legacy one, .* reWeave 2\.9\.0 .* nft.*update-alternatives/,
  },
  "busybox's tools, or no `flock`": {
    example: { machine: { lesserTools: ["stat", "find", "flock"] } },
    says: /its stat, find, flock are missing or busybox's.*coreutils, findutils, util-linux.*apk add/,
  },
  "Docker 25 or later with weaveworks' Weave, or reWeave before 2.8.3": {
    example: { docker: { version: "28.5.2", minApiVersion: "1.24" } },
    says: /Docker 28\.5\.2 there needs Weave from reWeave 2\.8\.3 or later .*; it has 2\.8\.1/,
  },
  "Docker 29 (lowest API above 1.24) with reWeave 2.8.3 or later": {
    example: { docker: DOCKER_29, weave: REWEAVE },
    says: /speak API 1\.44, as Docker 29\.0\.1/,
  },
  "no systemd": { example: { machine: { hasSystemd: false } }, says: /no systemd.*--refresh/ },
  "no ebtables": { example: { machine: { hasEbtables: false } }, says: /without ebtables/ },
  "no rsync, or one before 3.1.3": {
    example: { machine: { rsync: "3.1.2" } },
    says: /without rsync 3\.1\.3/,
  },
  "no python3, or one before 3.7": {
    example: { machine: { python: "3.6" } },
    says: /without python3 3\.7/,
  },
  "Docker before 20.10": { example: { docker: { version: "19.03.15" } }, says: /19\.03\.15/ },
  "Docker 30 or later": {
    example: { docker: { version: "30.0.0", minApiVersion: "1.44" }, weave: REWEAVE },
    says: /30\.0\.0 is newer/,
  },
  "SELinux enforcing": { example: { machine: { selinux: "enforcing" } }, says: /SELinux/ },
  "userns-remap": { example: { docker: { usernsRemap: true } }, says: /userns-remap/ },
  "a clock more than 60 s off": {
    example: { machine: { clockAheadSeconds: -90 } },
    says: /90 s behind this machine's/,
  },
  "Docker 20.10 to 24 with Weave Net 2.x, of weaveworks or of reWeave": { example: {} },
  "Docker 25 to 28 with reWeave 2.8.3 or later": {
    example: { docker: TRIXIE, weave: REWEAVE },
  },
};

const table = (of: Facts) => hostTable(weaveRows(of.weave));
const matching = (of: Facts) => table(of).filter((row) => row.holds(of));
const found = (of: Facts) => judge(table(of), of);
const ROWS = table(FACTS);

const said = (of: Facts) =>
  found(of)
    .map(({ reason, advice = "" }) => `${reason}. ${advice}`)
    .join("\n");

test.each(ROWS.map(({ what, verdict }) => [what, verdict]))("the row '%s'", (what, verdict) => {
  const { example, says } = EXAMPLES[what]!;
  expect(matching(facts(example)).map((row) => row.what)).toContain(what);
  if (verdict === "fits") expect(found(facts(example))).toEqual([]);
  else expect(said(facts(example))).toMatch(says!);
});

test("every row holds for its own example alone, where nothing else is wrong", () => {
  for (const [what, { example }] of Object.entries(EXAMPLES)) {
    const beside = matching(facts(example)).filter(
      (row) => row.what !== what && row.verdict !== "fits",
    );
    expect({ what, beside: beside.map((row) => row.what) }).toEqual({
      what,
      beside: what === "Docker 30 or later" ? [expect.stringContaining("Docker 29")] : [],
    });
  }
});

test.each([
  ["24.0.9", "1.12", "2.6.5", "weaveworks", true],
  ["24.0.9", "1.12", "2.9.0", "rajchaudhuri", true],
  ["25.0.0", "1.24", "2.8.1", "weaveworks", false],
  ["26.1.5", "1.24", "2.8.2", "rajchaudhuri", false],
  ["26.1.5", "1.24", "2.8.3", "rajchaudhuri", true],
  ["28.5.2", "1.24", "2.9.0", "registry.example:5000/weave", true],
  ["29.0.1", "1.44", "2.6.5", "weaveworks", false],
  ["29.2.0", "1.40", "2.9.0", "rajchaudhuri", true],
])(
  "Docker %s (API from %s) with Weave %s of %s fits: %s",
  (version, minApiVersion, weave, images, fits) => {
    const findings = found(
      facts({ docker: { version, minApiVersion }, weave: { version: weave, images } }),
    );
    expect(findings.every(({ verdict }) => verdict !== "cannot")).toBe(fits);
  },
);

test("reWeave's version with weaveworks' images is told as what it is, with whose images to give", () => {
  const version = facts({
    docker: { version: "28.5.2", minApiVersion: "1.24" },
    weave: { version: "2.9.0", images: "weaveworks" },
  });
  expect(said(version)).toMatch(
    /; its images are weaveworks', which have no 2\.9\.0\. .*images: "rajchaudhuri"/,
  );
});

test("a daemon that was told to take old calls needs nothing (`min-api-version` in daemon.json)", () => {
  const lowered = facts({ docker: { version: "29.0.1", minApiVersion: "1.24" }, weave: REWEAVE });
  expect(weaveApiVersion(lowered, lowered.weave)).toBeUndefined();
  expect(found(lowered)).toEqual([]);
});

test("what Weave is told to speak is what Docker takes at the lowest, and only reWeave listens", () => {
  const reported = (change: Change) => weaveApiVersion(facts(change), facts(change).weave);
  expect(reported({ docker: DOCKER_29, weave: REWEAVE })).toBe("1.44");
  expect(reported({ docker: TRIXIE, weave: REWEAVE })).toBeUndefined();
  expect(reported({ docker: DOCKER_29 })).toBeUndefined();
  expect(isReweave({ version: "2.9.0", images: "weaveworks" })).toBe(false);
});

test("versions are compared as numbers", () => {
  expect(compareVersions("1.24", "1.9")).toBeGreaterThan(0);
  expect(compareVersions("20.10.24+dfsg1", "20.10")).toBeGreaterThan(0);
  expect(compareVersions("v2.8.3", "2.8.3")).toBe(0);
  expect(compareVersions("2.8", "2.8.0")).toBe(0);
  expect(compareVersions("git-abc", "1.0")).toBeLessThan(0);
});

test("docs/hosts.md has the table as it is", () => {
  const page = readFileSync(join(__dirname, "../../../docs/hosts.md"), "utf8");
  const cells = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const title = cells.findIndex(([, first]) => first === "a host with");
  const rows = ROWS.map((row) => ["", row.what, row.verdict, row.known, ""]);
  // A line between the title and its rows is Markdown's own.
  expect(cells.slice(title + 2, title + 2 + rows.length + 1)).toEqual([...rows, [""]]);
});

test.each(ROWS.map(({ what, known }) => [what, known]))(
  "how '%s' is known is said, and a test that is named is there",
  (_what, known) => {
    expect(known).toMatch(/^(run|read|seen by hand|untried)\b/);
    const named = [...known.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? "");
    if (known.startsWith("run")) expect(named.length).toBeGreaterThan(0);
    const root = join(__dirname, "../../..");
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  },
);
