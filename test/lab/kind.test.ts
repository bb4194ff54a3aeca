import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dockerConfig } from "../../lab/host-files";
import { deriveLab, hostOf } from "../../lab/identity";
import { completeKind, defaultKind, formatKind, parseKind } from "../../lab/kind";
import { kindFor, madeAs, writeKind } from "../../lab/made-as";
import { hostSteps } from "../../lab/setup/steps";
import { applyEdit } from "../../lab/setup/weave";
import { parseHosts } from "../../lab/up-arguments";

const kindOf = (text: string) => completeKind(parseKind(text));

describe("a host's kind", () => {
  test.each([
    ["bookworm", "bookworm/20.10/overlay2/weave-2.6.5"],
    ["20.10", "bookworm/20.10/overlay2/weave-2.6.5"],
    ["trixie", "trixie/26.1/overlay2/weave-as-reweave"],
    ["28", "trixie/28/overlay2/weave-as-reweave"],
    ["29/containerd", "trixie/29/containerd/weave-as-reweave"],
    ["none", "trixie/none/overlay2/weave-as-reweave"],
    ["containerd/29/trixie", "trixie/29/containerd/weave-as-reweave"],
    ["trixie/weave-2.6.5", "trixie/26.1/overlay2/weave-2.6.5"],
    ["bookworm/weave-as-reweave", "bookworm/20.10/overlay2/weave-as-reweave"],
  ])("%s is %s", (text, whole) => {
    expect(formatKind(kindOf(text))).toBe(whole);
    expect(formatKind(kindOf(whole))).toBe(whole);
  });

  test.each([
    ["sid", /'sid' in 'sid' is no part of a host; there is bookworm, trixie, 20\.10, /],
    ["trixie/bookworm", /names two of suite/],
    ["29/28", /names two of docker/],
    ["bookworm/29", /Docker 29 runs on trixie here, not on bookworm/],
    ["trixie/20.10", /Docker 20\.10 runs on bookworm here, not on trixie/],
    ["bookworm/containerd", /Docker 20\.10 has no containerd store/],
    ["", /is no part of a host/],
  ])("'%s' is refused", (text, why) => {
    expect(() => kindOf(text)).toThrow(why);
  });
});

describe("the arguments of `up`", () => {
  const reported = (text: string): [number, (string | undefined)[]] => {
    const { count, kindOf: of } = parseHosts(text.split(" ").filter(Boolean));
    const kinds = Array.from({ length: count }, (_, index) => of(index + 1));
    return [count, kinds.map((kind) => kind && formatKind(kind))];
  };

  it("leave hosts as they are when they name no kind", () => {
    expect(reported("")).toEqual([3, [undefined, undefined, undefined]]);
    expect(reported("1")).toEqual([1, [undefined]]);
  });

  it("name one kind for all", () => {
    const kind = "trixie/29/containerd/weave-as-reweave";
    expect(reported("2 --suite trixie --docker 29 --store containerd")).toEqual([2, [kind, kind]]);
    expect(reported("--docker=29 2 --store=containerd")).toEqual([2, [kind, kind]]);
  });

  it("name another one for single hosts, and count them", () => {
    const [plain, today] = [
      "bookworm/20.10/overlay2/weave-2.6.5",
      "trixie/29/overlay2/weave-as-reweave",
    ];
    expect(reported("1 --host node2=29 --host=node1=bookworm")).toEqual([2, [plain, today]]);
    expect(reported("2 --docker 29 --host node2=bookworm")).toEqual([2, [today, plain]]);
  });

  test.each([
    ["two", /'two' is no number of hosts/],
    ["2 3", /'3' is no number of hosts/],
    ["--suite", /--suite of what/],
    ["--suite --docker 29", /--suite of what/],
    ["--suite sid", /There is no suite 'sid' in the lab; there is bookworm, trixie/],
    ["--kernel 6", /There is no option --kernel/],
    ["--host apple=trixie", /--host takes 'node2=trixie\/29', not 'apple=trixie'/],
    ["--host node2", /--host takes/],
    ["--suite bookworm --docker 29", /Docker 29 runs on trixie/],
    ["--host node2=bookworm/29", /Docker 29 runs on trixie/],
  ])("'%s' is refused", (text, why) => {
    expect(() => reported(text)).toThrow(why);
  });
});

describe("what hosts are made of", () => {
  const names = (...kinds: string[]) => hostSteps(kinds.map(kindOf)).map((step) => step.title);

  it("is nothing of another kind's", () => {
    expect(names("bookworm").join()).not.toMatch(/trixie|Docker|reWeave|reweave/);
    expect(names("trixie").join()).not.toMatch(/bookworm|building Docker|2\.6\.5 from/);
  });

  it("is made once for all hosts of a kind, a tree before what lies on it", () => {
    const all = names("bookworm", "29", "29/containerd", "trixie");
    expect(new Set(all).size).toBe(all.length);
    const at = (words: string) => all.findIndex((title) => title.includes(words));
    expect(at("building Docker 29")).toBeGreaterThan(at("trixie's hosts"));
    expect(at("images of weave-as-reweave")).toBeGreaterThan(at("as reWeave"));
  });
});

describe("a host that was made", () => {
  let home: string;
  const host = () => hostOf(deriveLab("a lab", home), 1);
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "ferry-kind-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  it("stays what it is when nothing else is asked for", () => {
    expect(kindFor(host(), undefined, false)).toEqual(defaultKind);
    writeKind(host(), kindOf("29"));
    expect(kindFor(host(), undefined, true)).toEqual(kindOf("29"));
    expect(kindFor(host(), kindOf("29"), true)).toEqual(kindOf("29"));
  });

  it("is of the first kind when it was made before there was another", () => {
    expect(madeAs(host())).toBeUndefined();
    mkdirSync(join(host().dir, "upper"), { recursive: true });
    expect(madeAs(host())).toEqual(defaultKind);
    expect(() => kindFor(host(), kindOf("29"), false)).toThrow(/node1 is bookworm\/20\.10/);
  });

  it("gets another Docker or Weave while it is down, but no other release or store", () => {
    writeKind(host(), kindOf("28"));
    expect(kindFor(host(), kindOf("29"), false)).toEqual(kindOf("29"));
    expect(() => kindFor(host(), kindOf("29"), true)).toThrow(/it is up/);
    expect(() => kindFor(host(), kindOf("29/containerd"), false)).toThrow(/wipe/);
    expect(() => kindFor(host(), defaultKind, false)).toThrow(/wipe/);
  });
});

test("daemon.json chooses the store", () => {
  const read = (kind: string, wrap = false) =>
    JSON.parse(dockerConfig(kindOf(kind), wrap)) as object;
  expect(read("bookworm")).toEqual({ "storage-driver": "overlay2" });
  expect(read("trixie")).toEqual({
    "storage-driver": "overlay2",
    features: { "containerd-snapshotter": false },
  });
  expect(read("28/containerd")).toEqual({ features: { "containerd-snapshotter": true } });
  expect(read("29/containerd", true)).toEqual({
    features: { "containerd-snapshotter": true, "time-namespaces": false },
    "default-runtime": "runc-plain",
    runtimes: { "runc-plain": { path: "/usr/local/sbin/runc-without-sys-resource" } },
  });
});

test("an edit that finds nothing to change is no edit", () => {
  const dir = mkdtempSync(join(tmpdir(), "ferry-edit-"));
  writeFileSync(join(dir, "file"), 'ask("1.18"); ask("1.21")');
  applyEdit({ file: "file", from: /ask\("1\.\d+"\)/g, to: 'ask("1.24")' }, dir);
  expect(readFileSync(join(dir, "file"), "utf8")).toBe('ask("1.24"); ask("1.24")');
  expect(() => {
    applyEdit({ file: "file", from: "1.18", to: "1.24" }, dir);
  }).toThrow("file is not as expected");
  rmSync(dir, { recursive: true });
});
