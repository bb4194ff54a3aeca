import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rsyncCommand } from "../../provider/adapters/volume/rsync-command";
import { allThatIsKept } from "./all-that-is-kept";
import { whereRsync } from "./rsync-here";
import { ServedHere } from "./served-here";
import { hostProgram } from "../../provider/on-host/load";

const BEGIN_ROUND = hostProgram("volume/begin-round.sh");
const DISTRUST = hostProgram("distrust/target.sh");
const FOUND = hostProgram("distrust/found.sh");
const CHANGED_SINCE_SOURCE = hostProgram("distrust/source.sh");

let side: ServedHere;

beforeEach(() => {
  side = new ServedHere({ young: CHANGED_SINCE_SOURCE });
  side.program("ssh", `shift 3; SSH_ORIGINAL_COMMAND=$* exec sh "${side.served}/serve"`);
});

afterEach(() => side.remove());

/** On one side, as a program or an image would. */
const on = (folder: string, script: string) => {
  const { status, stderr } = side.run(`set -e; cd "$1"; ${script}`, folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
};

/** The half second that is taken off would hold all that a test has made so far. */
function begin(): void {
  expect(side.run(BEGIN_ROUND, side.served, "0").status).toBe(0);
  const next = join(side.served, "cut/next-0");
  if (!existsSync(next)) return;
  const [, offset = ""] = readFileSync(next, "utf8").trim().split(" ");
  const now = spawnSync("date", ["+%s.%N"], { encoding: "utf8" }).stdout.trim();
  writeFileSync(next, `${now} ${offset}\n`);
  spawnSync("sleep", ["0.02"]);
}

const FAR_AHEAD = "9999999999";
const distrust = (ago: 1 | 2, since = FAR_AHEAD) => {
  const args = ["config", "0", side.target, side.folder, String(ago), since];
  const { status, stderr } = side.run(DISTRUST, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
};

/** Names on the target that rsync will look into again, or that it has no more. */
function distrusted(): string[] {
  const found = side.run(
    `cd "$1" && find . -type f -newermt @77 ! -newermt @78 -printf '%P\\0'`,
    side.target,
  );
  return found.stdout.split("\0").slice(0, -1).sort();
}

const same = () => on(side.folder, "cp -a source/. target");
const known = () => existsSync(join(side.served, "cut/next-0"));

/** Where the file system does not tell, there is nothing to test here. */
const tells = (expected: string[], make: string, change: string, ago: 1 | 2 = 1) => {
  on(side.source, make);
  same();
  begin();
  if (!known()) return;
  on(side.source, change);
  if (ago === 2) begin();
  distrust(ago);
  expect(distrusted()).toEqual(expected);
};

describe("what rsync is to look into again", () => {
  const FILES =
    "mkdir -p a/deep b/deep; for f in a/one a/deep/two b/one b/deep/two; do echo $f >$f; done";

  test("nothing where nothing changed", () => tells([], FILES, ":"));

  test("what was written and got its time back, whatever its name", () =>
    tells(
      ["-rf", "a/n\new\n"],
      `${FILES}; echo old >-rf; echo old >'a/n\new\n'`.replaceAll("\\n", "\n"),
      `for f in ./-rf 'a/n\new\n'; do touch -r "$f" ../time; printf new 1<>"$f"; touch -r ../time "$f"; done`.replaceAll(
        "\\n",
        "\n",
      ),
    ));

  test("all in folders that were exchanged, and in those below", () =>
    tells(["a/deep/two", "a/one", "b/deep/two", "b/one"], FILES, "mv a c; mv b a; mv c b"));

  test("what changed before this round began, since the one before", () =>
    tells(
      ["b/one"],
      FILES,
      "touch -r b/one ../time; echo B/ONE 1<>b/one; touch -r ../time b/one",
      2,
    ));

  test("all, once the clock was set", () => {
    on(side.source, FILES);
    same();
    begin();
    if (!known()) return;
    const next = join(side.served, "cut/next-0");
    const [since = "", offset = ""] = readFileSync(next, "utf8").trim().split(" ");
    writeFileSync(next, `${since} ${Number(offset) + 5}\n`);
    distrust(1);
    expect(distrusted()).toEqual(["a/deep/two", "a/one", "b/deep/two", "b/one"]);
  });

  test("what changed by its own time, where the file system does not keep the time of changes", () => {
    on(side.source, `${FILES}; touch -d @1000 a/one b/deep/two`);
    same();
    distrust(1, "2000");
    expect(distrusted()).toEqual(["a/deep/two", "b/one"]);
  });

  test("but nothing that a link on the target leads to", () => {
    on(side.source, FILES);
    on(side.folder, "mkdir outside; echo mine >outside/one; touch -d @5000 outside/one");
    begin();
    if (!known()) return;
    on(side.target, "ln -s ../outside a; mkdir b; ln -s ../../outside/one b/one");
    on(side.source, "echo more >>a/one; echo more >>b/one");
    distrust(1);
    on(side.folder, '[ "$(stat -c %Y outside/one)" = 5000 ]');
  });

  test("of several names none is left", () => {
    on(side.source, `${FILES}; ln a/one b/two; ln b/deep/two b/quiet`);
    same();
    begin();
    if (!known()) return;
    on(side.source, "cp a/one c; mv c b/two");
    distrust(1);
    on(side.target, "[ ! -e a/one ] && [ ! -e b/two ] && [ -e b/deep/two ] && [ -e b/quiet ]");
  });

  test("it is an error where the source does not answer", () => {
    side.program("ssh", "exit 255");
    expect(side.run(DISTRUST, "config", "0", side.target, side.folder, "1", "0").status).not.toBe(
      0,
    );
  });
});

describe("what a first round finds", () => {
  const found = () => side.run(FOUND, side.target).stdout.trim();

  test("nothing in an empty folder", () => expect(found()).toBe(""));

  test("what is there, of which files of several names go", () => {
    on(side.target, "mkdir a; echo 1 >a/one; echo 2 >two; ln two a/three");
    expect(found()).toBe("found");
    on(side.target, "[ -e a/one ] && [ ! -e two ] && [ ! -e a/three ]");
  });
});

whereRsync("copies after several rounds", () => {
  const round = (howMuch: "whole" | "difference" | "doubted") => {
    const [program = "", ...args] = rsyncCommand({
      sshConfig: "config",
      volume: 0,
      into: side.target,
      howMuch,
      xxh3: false,
      compress: false,
    });
    const { status, stderr } = spawnSync(program, args, { env: side.env(), encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  };
  const equal = () => {
    expect(allThatIsKept(side.target)).toBe(allThatIsKept(side.source));
    expect(side.run('diff -r "$1" "$2"', side.source, side.target).stdout).toBe("");
  };

  test.each([
    ["a time put back", "echo old >f; touch -d @1000 f", "echo new >f; touch -d @1000 f"],
    ["a time of 1", "echo old >f; touch -d @1 f", "echo new >f; touch -d @1 f"],
    [
      "folders that were exchanged",
      "mkdir a b; echo 1 >a/f; echo 2 >b/f; touch -d @1000 */f",
      "mv a c; mv b a; mv c b",
    ],
    ["names that parted", "echo old >f; ln f g; ln f h", "cp f i; echo new >i; mv i g"],
    ["names that met", "echo old >f; echo new >g", "ln -f f g"],
    ["several names written to", "mkdir a; echo old >f; ln f a/g; touch -d @9 a", "echo new 1<>f"],
  ])("are equal: %s", (_, make, change) => {
    on(side.source, make);
    begin();
    if (!known()) return;
    round("whole");
    equal();
    on(side.source, change);
    begin();
    distrust(2);
    round("difference");
    equal();
  });

  test("are equal after a first round onto what was there before", () => {
    on(side.source, "echo new >f; echo one >g; echo two >h; touch -d @1000 f");
    on(side.target, "echo old >f; echo one >g; ln g h; touch -d @1000 f");
    expect(side.run(FOUND, side.target).stdout.trim()).toBe("found");
    round("doubted");
    equal();
  });
});

test.each([
  "young-",
  "young-0",
  "young-0-",
  "young-0-0",
  "young-0-1-1",
  "young-7-1",
  "young-0-1 x",
])("'%s' is refused", (command) => expect(side.ask(command).status).toBe(126));
