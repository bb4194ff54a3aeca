import * as fs from "fs";
import { tmpdir } from "os";
import { join } from "path";
import type { FileSource } from "../../provider/core/files/model";
import { archiveOfSource, digestOfSource, readTree } from "../../provider/local/read-tree";

let folder: string;
const at = (...names: string[]) => join(folder, "app", ...names);
const source = (name = "conf", more: object = {}): FileSource => ({
  ...{ path: at(name), within: at(), maxBytes: 1000 },
  ...more,
});
const tree = (...given: Parameters<typeof source>) =>
  readTree(source(...given)).map(({ path, mode, uid, gid, content }) => [
    path,
    mode.toString(8),
    uid,
    gid,
    content?.toString(),
  ]);

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "ferry-read-tree-"));
  fs.mkdirSync(at("conf", "sub"), { recursive: true });
  fs.writeFileSync(at("conf", "a"), "A");
  fs.writeFileSync(at("conf", "sub", "run"), "B");
  for (const name of ["", "sub", "sub/run"]) fs.chmodSync(at("conf", name), 0o755);
  fs.chmodSync(at("conf", "a"), 0o644);
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

test("a folder is read with names, bytes and modes; what is one's own is root's", () => {
  expect(tree()).toEqual([
    ["", "555", 0, 0, undefined],
    ["a", "444", 0, 0, "A"],
    ["sub", "555", 0, 0, undefined],
    ["sub/run", "555", 0, 0, "B"],
  ]);
});

test("another umask is no change, and another right to read or run is one", () => {
  const before = digestOfSource(source());
  for (const name of ["", "sub", "sub/run"]) fs.chmodSync(at("conf", name), 0o775);
  fs.chmodSync(at("conf", "a"), 0o664);
  expect(digestOfSource(source())).toBe(before);
  fs.chmodSync(at("conf", "a"), 0o600);
  expect(digestOfSource(source())).not.toBe(before);
  fs.chmodSync(at("conf", "a"), 0o755);
  expect(digestOfSource(source())).not.toBe(before);
});

test("somebody else's file stays theirs", () => {
  const { uid, gid } = fs.statSync(at("conf", "a"));
  const another = [
    jest.spyOn(process as Required<typeof process>, "getuid").mockReturnValue(uid + 1),
    jest.spyOn(process as Required<typeof process>, "getgid").mockReturnValue(gid + 1),
    jest.spyOn(process as Required<typeof process>, "getgroups").mockReturnValue([]),
  ];
  const read = tree("conf/a");
  for (const each of another) each.mockRestore();
  expect(read).toEqual([["", "444", uid, gid, "A"]]);
});

test("the program's word counts for owners, and for modes of files", () => {
  const [root, a] = tree("conf", { uid: 7, gid: 8, mode: 0o400 });
  expect([root, a]).toEqual([
    ["", "555", 7, 8, undefined],
    ["a", "400", 7, 8, "A"],
  ]);
  fs.chmodSync(at("conf", "a"), 0o700);
  expect(tree("conf/a", { readable: true })).toEqual([["", "544", 0, 0, "A"]]);
});

test("a link inside is what it leads to", () => {
  fs.symlinkSync("conf/sub", at("link"));
  fs.symlinkSync("../a", at("conf", "sub", "up"));
  expect(tree("link").map(([path, , , , content]) => [path, content])).toEqual([
    ["", undefined],
    ["run", "B"],
    ["up", "A"],
  ]);
});

test.each<[string, () => void]>([
  ["out of the folder", () => fs.symlinkSync("/etc/hostname", at("conf", "out"))],
  ["out of the folder", () => fs.symlinkSync("../../..", at("conf", "out"))],
  ["goes in a circle", () => fs.symlinkSync("..", at("conf", "sub", "back"))],
  ["goes in a circle", () => fs.symlinkSync("self", at("conf", "self"))],
  ["is not there", () => fs.symlinkSync("gone", at("conf", "dangling"))],
  ["has more than", () => fs.writeFileSync(at("conf", "big"), Buffer.alloc(1000))],
])("what %s is refused in words", (words, prepare) => {
  prepare();
  expect(() => readTree(source())).toThrow(words);
});

test("what is not there is an error, or an empty folder where that is meant", () => {
  expect(() => readTree(source("none"))).toThrow(/none' is not there\. Make it, or mend the path/);
  expect(tree("none", { orEmpty: true })).toEqual([["", "555", 0, 0, undefined]]);
});

test("an archive is of the content that was asked for, or none", () => {
  const digest = digestOfSource(source());
  expect(archiveOfSource(source(), digest)).toBeDefined();
  fs.writeFileSync(at("conf", "a"), "C");
  expect(archiveOfSource(source(), digest)).toBeUndefined();
});
