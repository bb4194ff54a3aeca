import { formatBytes, formatDuration, formatRate } from "../../../provider/core/move/format";
import { manifestDifferences } from "../../../provider/core/move/manifest";
import {
  otherOwners,
  parseListeningPorts,
  takenPorts,
} from "../../../provider/core/move/preflight";
import {
  COMMITTED_MARK,
  cutoverJournals,
  formatEntry,
  journalPath,
  parseEntry,
  type JournalEntry,
  type MoveFacts,
} from "../../../provider/core/move/journal";
import { anotherRound } from "../../../provider/core/move/rounds";
import type { ContainerState } from "../../../provider/core/adapter-ports";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [104_200_000, "104 MB"],
  [99_949_000, "99.9 MB"],
  [999_600_000, "1.0 GB"],
  [2_500_000_000_000, "2.5 TB"],
])("%d bytes are %s", (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

test.each([
  [412.4, "412 ms"],
  [3_210, "3.2 s"],
  [250_000, "4 min 10 s"],
])("%d milliseconds are %s", (milliseconds, words) => {
  expect(formatDuration(milliseconds)).toBe(words);
});

test("a rate is told when there was time to take it", () => {
  expect(formatRate(48_000_000, 1_000)).toBe("48.0 MB/s");
  expect(formatRate(10, 0)).toBe("-");
});

describe("rounds", () => {
  const of = (...bytes: number[]) =>
    bytes.map((bytesCopied) => ({ bytesCopied, filesChanged: 1, durationMs: 1 }));
  const MB = 1_000_000;
  test.each([
    ["a second one always follows", of(1), true],
    ["little is left", of(100 * MB, MB), false],
    ["much is left and it shrinks", of(1000 * MB, 500 * MB), true],
    ["it shrinks no more", of(1000 * MB, 500 * MB, 490 * MB), false],
    ["it shrinks for ever", of(...Array.from({ length: 12 }, (_, n) => 1e12 / 2 ** n)), false],
  ])("%s", (_name, rounds, again) => {
    expect(anotherRound(rounds)).toBe(again);
  });
});

describe("preflight", () => {
  test("owners are others where Docker maps users, and from another id on", () => {
    const host = (name: string, root: string, usernsRemap: boolean) => ({
      ...{ host: name, rootDirectory: `/var/lib/docker${root}`, usernsRemap },
    });
    const [plain, mapped, other] = [
      host("a", "", false),
      host("b", "/100000.100000", true),
      host("c", "/231072.231072", true),
    ] as const;
    expect(
      otherOwners(plain, { ...plain, host: "d", rootDirectory: "/srv/docker" }),
    ).toBeUndefined();
    expect(otherOwners(mapped, { ...mapped, rootDirectory: "/srv/100000.100000" })).toBeUndefined();
    expect(otherOwners(plain, mapped)).toMatch(
      /^Docker on host 'a' does not map users, on host 'b' it maps users from 100000\.100000 on, so that its files/,
    );
    expect(otherOwners(mapped, other)).toMatch(
      /'b' maps users from 100000.*'c' it maps users from 231072/,
    );
  });

  test("ports are read from the kernel's tables", () => {
    const text = `tcp
  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:0016 0100007F:9999 01 00000000:00000000
tcp6
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0
udp
   0: 00000000:0035 00000000:0000 07 0
`;
    expect(parseListeningPorts(text)).toEqual(new Set(["8080/tcp", "22/tcp", "53/udp"]));
  });

  const container = (more: Partial<ContainerState>): ContainerState => ({
    id: "1",
    name: "other",
    image: "i",
    imageId: "i",
    labels: {},
    status: "running",
    exitCode: 0,
    error: "",
    pid: 1,
    health: "none",
    restart: { name: "no" },
    environment: [],
    startedAt: "",
    mounts: [],
    publishedPorts: [],
    ...more,
  });

  test("a stopped container holds no port", () => {
    const spec = {
      image: "i",
      ports: [{ containerPort: 80, hostPort: 8080, protocol: "tcp" as const }],
    };
    const holds = { publishedPorts: ["8080/tcp"] };
    expect(takenPorts(spec, new Set(), [container(holds)])).toEqual(["8080/tcp"]);
    expect(takenPorts(spec, new Set(), [container({ ...holds, status: "exited" })])).toEqual([]);
    expect(takenPorts(spec, new Set(["8080/udp"]), [])).toEqual([]);
  });
});

describe("manifests", () => {
  const of = (host: string, ...entries: string[]) => ({
    host,
    manifest: entries.map((entry) => `${entry}\0`).join(""),
  });
  test("differences name the path and both sides", () => {
    const left = of("a", "file size 1\tx", "folder mode 755\t", "file size 3\todd\nname");
    const right = of("b", "file size 2\tx", "folder mode 700\t", "file size 3\ty");
    expect(manifestDifferences(left, right)).toEqual([
      "'x' is file size 1 on 'a' and file size 2 on 'b'",
      "'.' is folder mode 755 on 'a' and folder mode 700 on 'b'",
      "'odd?name' is only on 'a'",
      "and 1 more",
    ]);
    expect(manifestDifferences(left, left)).toEqual([]);
  });
});

describe("journals", () => {
  const entry: JournalEntry = {
    version: 2,
    replica: "p/s/d/redis/0",
    role: "target",
    step: "compared",
    epoch: 3,
    other: "node1",
    volumes: ["d_data"],
    move: "m",
    owner: "root@ci",
    when: "2026-01-02T03:04:05.678Z",
    wasRetired: true,
  };

  test("come back as they were written", () => {
    expect(parseEntry(formatEntry(entry))).toEqual(entry);
    const { wasRetired: _was, ...facts } = entry;
    const startedAt = "2026-01-01T00:00:00.123456789Z";
    const source: JournalEntry = {
      ...facts,
      role: "source",
      step: "stopped",
      stood: true,
      startedAt,
    };
    expect(parseEntry(formatEntry(source))).toEqual(source);
  });

  test("equal entries are equal texts, whatever their order", () => {
    const turned = Object.fromEntries(Object.entries(entry).reverse()) as unknown as JournalEntry;
    expect(formatEntry(turned)).toBe(formatEntry(entry));
    expect(formatEntry(parseEntry(formatEntry(turned))!)).toBe(formatEntry(entry));
  });

  test.each([
    "",
    "{",
    "[]",
    JSON.stringify({ ...entry, version: 3 }),
    JSON.stringify({ ...entry, role: "x" }),
    JSON.stringify({ ...entry, step: "stopped" }),
    JSON.stringify({ ...entry, role: "source" }),
    JSON.stringify({ ...entry, epoch: "3" }),
  ])("nothing else is one: %s", (text) => {
    expect(parseEntry(text)).toBeUndefined();
  });

  test.each([
    ["home", { role: "home" }],
    ["leaving", { role: "source", step: "opening" }],
    ["arriving", { role: "target", step: "copying" }],
    ["rejected", { role: "target", step: "rejected" }],
    ["retired", { role: "retired" }],
  ])("of version 1, '%s' is understood", (role, expected) => {
    const before = { version: 1, replica: "r", role, epoch: 2, other: "node2", volumes: ["v"] };
    const facts = { version: 2, replica: "r", epoch: 2, other: "node2", volumes: ["v"] };
    expect(parseEntry(JSON.stringify(before))).toEqual({ ...facts, ...expected });
  });

  test("lie where no name can lead them elsewhere", () => {
    expect(journalPath("p/s/../../etc/$(x)/0")).toMatch(
      /^\/var\/lib\/ferry\/replicas\/[a-zA-Z0-9._-]+\/journal\.json$/,
    );
    expect(journalPath("p/s/d/r/0")).not.toBe(journalPath("q/s/d/r/0"));
  });

  test("a cutover is given every text; only a committed source holds the mark of one", () => {
    const facts: MoveFacts = {
      replica: 'p/s/d/"step":"committed"/0',
      source: { host: "node1", epoch: 1, volumes: ["v"], wasStopped: false, startedAt: "s" },
      target: { host: "node2", epoch: 2, volumes: ["v"] },
      move: "m",
      owner: "o",
      when: "w",
      wasRetired: false,
    };
    const { source, target } = cutoverJournals(facts, undefined);
    const marked = Object.entries({ ...source, ...target }).filter(([, text]) =>
      text.includes(COMMITTED_MARK),
    );
    expect(marked.map(([name]) => name)).toEqual(["committed"]);
    expect(source.before).toBe("");
    expect(parseEntry(source.stopped)).toMatchObject({ startedAt: "s" });
    expect(parseEntry(source.home)).toMatchObject({ role: "home", epoch: 1, highest: 2 });
    expect(source.home).not.toContain("startedAt");
    expect(parseEntry(target.home)).toMatchObject({ role: "home", epoch: 2, other: "node1" });
  });
});
