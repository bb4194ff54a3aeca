import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../../provider/on-host/load";
import { hostShells, withParts } from "./on-host/here";

const BEGIN_ROUND = hostProgram("volume/begin-round.sh");

/** What the source lists in the cutover, on a folder of this machine. */
const CHANGES = `set -u
LC_ALL=C
export LC_ALL
here=$1
lists_of=$here/cut
${withParts("host/wall.sh", "cutover/source-changes.sh")}changes "$3"
`;

describe.each(hostShells)("%s %s", (program, ...words) => {
  let here: string;
  let volume: string;

  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), "ferry-changes-"));
    volume = join(here, "volume");
    mkdirSync(join(here, "cut"));
    for (const folder of ["", "a", "a/deep", "b", "quiet"])
      mkdirSync(join(volume, folder), { recursive: true });
    for (const file of ["a/one", "a/two", "a/deep/three", "b/one", "quiet/still", "n\new", "-rf"]) {
      writeFileSync(join(volume, file), `${file} at first`);
    }
    writeFileSync(join(here, "0"), `${volume}\n`);
  });

  afterEach(() => rmSync(here, { recursive: true }));

  const sh = (script: string, ...args: string[]) =>
    execFileSync(program, [...words, "-c", script, "sh", ...args], { encoding: "utf8" });

  /**
   * Begins a round, as far back as nothing of the set-up counts as changed since, and takes it for
   * compared.
   */
  function begin(): void {
    sh(BEGIN_ROUND, here, "0");
    const next = join(here, "cut/next-0");
    const [, offset = ""] = readFileSync(next, "utf8").trim().split(" ");
    // The two seconds that are taken off would hold all that the test has made so far.
    const now = execFileSync("date", ["+%s.%N"], { encoding: "utf8" }).trim();
    writeFileSync(join(here, "cut/base-0"), `${now} ${offset}\n`);
    execFileSync("sleep", ["0.02"]);
  }

  /** "./" for the volume's own folder, "a/" for a folder of which all is looked into. */
  const plain = (name: string) => name.replace(/\/+$/, "/").replace(/^(\.\/)+(?=.)/, "");

  function listed(): string[] {
    sh(CHANGES, here, "cut", "0");
    const list = readFileSync(join(here, "cut/list-0"), "utf8")
      .split("\0")
      .filter((name) => name !== "");
    return [...new Set(list.map(plain))].sort();
  }

  const sane = () =>
    ["ext2/ext3", "xfs", "btrfs", "f2fs"].includes(
      execFileSync("stat", ["-f", "-c", "%T", here], { encoding: "utf8" }).trim(),
    );

  /**
   * Where the file system's times are not to be relied on, the script says so, and that is all
   * there is to test.
   */
  const lists = (expected: string[], change: () => void) => {
    if (!sane()) {
      sh(BEGIN_ROUND, here, "0");
      expect(existsSync(join(here, "cut/next-0"))).toBe(false);
      return;
    }
    begin();
    change();
    expect(listed()).toEqual(expected.map(plain).sort());
  };

  const at = (name: string) => join(volume, name);

  describe("what changed since the last round", () => {
    test("nothing, when nothing has", () => lists([], () => undefined));

    test("a file written to, whatever its time says after", () =>
      lists(["a/one", "n\new", "-rf"], () => {
        const { atime, mtime } = statSync(at("a/one"));
        writeFileSync(at("a/one"), "a/one at later");
        utimesSync(at("a/one"), atime, mtime);
        appendFileSync(at("n\new"), "x");
        chmodSync(at("-rf"), 0o600);
      }));

    test("a file that came or went is a change of its folder", () =>
      lists(["./a/", "./b/", "b/new"], () => {
        rmSync(at("a/two"));
        writeFileSync(at("b/new"), "");
      }));

    test("in the volume's own folder as well", () =>
      lists(["./", "link"], () => symlinkSync("a", at("link"))));

    test("every name of a file that got another one", () =>
      lists(["./b/", "a/one", "b/hard"], () => linkSync(at("a/one"), at("b/hard"))));

    test("all of a folder that was renamed, as its contents' own times stand still", () =>
      lists(
        ["./", "./moved/", "./moved/deep/", "./moved/deep/three", "./moved/one", "./moved/two"],
        () => renameSync(at("a"), at("moved")),
      ));

    test("all of two folders that were exchanged", () =>
      lists(
        ["./", "./a/", "./a/one", "./b/", "./b/deep/", "./b/deep/three", "./b/one", "./b/two"],
        () => {
          renameSync(at("a"), at("aside"));
          renameSync(at("b"), at("a"));
          renameSync(at("aside"), at("b"));
        },
      ));
  });

  describe("a link that took a folder's place after the round began", () => {
    let outside: string;

    beforeEach(() => {
      outside = join(here, "outside");
      mkdirSync(join(outside, "deep"), { recursive: true });
      mkdirSync(at("new\nline/deep"), { recursive: true });
    });

    test.each(["a", "new\nline"])("is listed, and nothing behind it: %j", (name) =>
      lists(["./", name], () => {
        writeFileSync(join(outside, "deep/secret"), "of the host");
        rmSync(at(name), { recursive: true });
        symlinkSync("../outside", at(name));
      }),
    );

    test("nor is what was renamed listed under its old name", () =>
      lists(
        ["./", "a", "moved/", "moved/deep/", "moved/deep/three", "moved/one", "moved/two"],
        () => {
          renameSync(at("a"), at("moved"));
          symlinkSync("moved", at("a"));
          appendFileSync(at("moved/deep/three"), "x");
        },
      ));
  });

  describe("what is not known", () => {
    test("after the clock was set, all is looked through", () => {
      if (!sane()) return;
      begin();
      const [since = "", offset = ""] = readFileSync(join(here, "cut/base-0"), "utf8")
        .trim()
        .split(" ");
      writeFileSync(join(here, "cut/base-0"), `${since} ${Number(offset) + 5}\n`);
      expect(() => sh(CHANGES, here, "cut", "0")).toThrow();
    });

    test("without a round that was compared, too", () => {
      expect(() => sh(CHANGES, here, "cut", "0")).toThrow();
    });
  });
});
