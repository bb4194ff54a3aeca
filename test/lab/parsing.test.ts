import { hasSysResource } from "../../lab/host-files";
import { namespacePids } from "../../lab/processes";
import { missingPackages, parseIndexTargets, sourcesList } from "../../lab/setup/debian";
import { mountsUnder } from "../../lab/setup/discard";
import { parseLibraryList } from "../../lab/setup/image-tree";
import { isUsableVersion } from "../../lab/setup/pulumi";
import { imageConfig, imageId } from "../../lab/setup/archive";
import { parseSnapshot } from "../../lab/snapshot";
import { shellQuote } from "../../lab/exec";

describe("apt's sources", () => {
  const targets = [
    "http://mirror.example/debian/|bookworm|main|Packages",
    "http://mirror.example/debian/|bookworm|main|DEP-11",
    "http://mirror.example/debian/|bookworm|contrib|Packages",
    "http://mirror.example/debian/|bookworm-updates|main|Packages",
    "http://mirror.example/security/|bookworm-security|main|Packages",
    "http://other.example/node/|nodistro|main|Packages",
    "http://other.example/apt/|cloud-sdk-bookworm|main|Packages",
    "",
  ].join("\n");

  it("are Debian's own only", () => {
    expect(parseIndexTargets(targets)).toEqual([
      { uri: "http://mirror.example/debian/", release: "bookworm", component: "main" },
      { uri: "http://mirror.example/debian/", release: "bookworm-updates", component: "main" },
      { uri: "http://mirror.example/security/", release: "bookworm-security", component: "main" },
    ]);
  });

  it("become a sources.list that apt reads", () => {
    const lines = sourcesList(parseIndexTargets(targets)).trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^deb (\[.*\] )?http:\/\/mirror\.example\/debian\/ bookworm main$/);
  });
});

test("a package that was removed but left its settings counts as missing", () => {
  const status = [
    "Package: gcc\nStatus: install ok installed\nVersion: 1",
    "Package: wget\nStatus: deinstall ok config-files\nVersion: 1",
  ].join("\n\n");
  expect(missingPackages(status, ["gcc", "wget", "tar"])).toEqual(["wget", "tar"]);
});

test("mounts are found at and below a folder, not beside it", () => {
  const line = (path: string): string => `1 2 0:3 / ${path} rw - proc proc rw`;
  const text = ["/a/b", "/a/b/proc", "/a/bc", "/a"].map(line).join("\n");
  expect(mountsUnder(text, "/a/b")).toEqual(["/a/b", "/a/b/proc"]);
});

test("libraries are those of the tree", () => {
  const listing = [
    "\tlinux-vdso.so.1 (0x00007ffd)",
    "\tlibz.so.1 => /tree/lib/libz.so.1 (0x00007f11)",
    "\t/lib64/ld-linux-x86-64.so.2 => /tree/lib64/ld-linux-x86-64.so.2 (0x00007f12)",
    "\tlibm.so.6 => /lib/libm.so.6 (0x00007f13)",
  ].join("\n");
  expect(parseLibraryList(listing, "/tree")).toEqual([
    "lib/libz.so.1",
    "lib64/ld-linux-x86-64.so.2",
  ]);
});

test.each([
  ["v3.250.0", true],
  ["3.255.0\n", true],
  ["v4.0.0", true],
  ["v3.249.9", false],
  ["nonsense", false],
])("pulumi %s is usable: %s", (version, usable) => {
  expect(isUsableVersion(version)).toBe(usable);
});

test("an image's id follows from its contents alone", () => {
  const image = { tags: ["a:1"], layers: [{ diffId: "ab" }], config: { Cmd: ["/bin/sh"] } };
  expect(imageId({ ...image, tags: ["b:2"] })).toBe(imageId(image));
  expect(imageId({ ...image, layers: [{ diffId: "cd" }] })).not.toBe(imageId(image));
  expect(JSON.parse(imageConfig(image))).toMatchObject({
    rootfs: { type: "layers", diff_ids: ["sha256:ab"] },
  });
});

test("the bounding set is read bit by bit", () => {
  expect(hasSysResource("CapBnd:\t000001fffeffffff\n")).toBe(false);
  expect(hasSysResource("CapBnd:\t000001ffffffffff\n")).toBe(true);
});

test("process numbers are told for each namespace", () => {
  expect(namespacePids("Name:\tinit\nNSpid:\t4711\t1\n")).toEqual([4711, 1]);
});

test("a snapshot leaves out what the lab itself puts on a host", () => {
  const text = [
    "=== ferry lab containers\nb\na",
    "=== ferry lab images\nferry-demo/box:1\nbusybox:1\nweaveworks/weave:2.6.5\nmine:1",
    "=== ferry lab iptables\n",
  ].join("\n");
  const found = parseSnapshot(text);
  expect(found.containers).toEqual(["a", "b"]);
  expect(found.images).toEqual(["mine:1"]);
  expect(found.iptables).toEqual([]);
});

test.each(["plain", "two words", "it's", "$(reboot)", "", "a;b"])("quotes %j", (word) => {
  const quoted = shellQuote(word);
  if (word === "plain") expect(quoted).toBe(word);
  else expect(quoted.replaceAll(`'\\''`, "'").slice(1, -1)).toBe(word);
});
