import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rsyncCommand } from "../../provider/adapters/volume/rsync-command";
import { allThatIsKept } from "./all-that-is-kept";
import { whereRsync } from "./rsync-here";
import { ServedHere } from "./served-here";
import { hostProgram } from "../../provider/on-host/load";
import { withParts } from "./on-host/here";

const SOURCE_SCRIPT = hostProgram("cutover/source.sh");
const VERIFY = hostProgram("cutover/verify-round.sh");

/** What the target does with the files that the cutover leaves to rsync. */
const LISTED = `set -eu
export LC_ALL=C
cd "$1"
path=$2
${withParts("cutover/target-copy.sh")}: >copy-said-0
listed 0
`;

let side: ServedHere;

beforeEach(() => {
  side = new ServedHere({ agent: SOURCE_SCRIPT });
  side.program("ssh", `shift 3; SSH_ORIGINAL_COMMAND=$* exec sh "${side.served}/serve"`);
  mkdirSync(join(side.folder, "key"));
  writeFileSync(join(side.folder, "key/path-0"), `${side.target}\n`);
  const argv = rsyncCommand(
    {
      sshConfig: "config",
      volume: 0,
      into: side.target,
      howMuch: "difference",
      xxh3: false,
      compress: false,
    },
    ["--files-from=:changed", "--from0", "--ignore-times", "--force"],
  );
  writeFileSync(join(side.folder, "key/rsync-some-0"), argv.map((word) => `${word}\0`).join(""));
});

afterEach(() => side.remove());

const on = (folder: string, script: string) =>
  expect(side.run(`set -e; cd "$1"; ${script}`, folder)).toMatchObject({ status: 0, stderr: "" });

const linked = () => {
  writeFileSync(join(side.served, "cut/next-0"), "0 0\n");
  expect(side.run(VERIFY, join(side.folder, "key"), "0").status).toBe(0);
  return readFileSync(join(side.folder, "key/linked-0"), "utf8").split("\0").slice(0, -1);
};

test("the comparison of a round notes which files have several names on the target", () => {
  on(side.source, "mkdir a; echo 1 >f; ln f 'a/n\new'; echo 2 >g".replaceAll("\\n", "\n"));
  on(side.folder, "cp -a source/. target");
  expect(linked()).toEqual(["./a/n\new", "./f"]);
});

whereRsync("what the cutover leaves to rsync", () => {
  test.each([
    ["names that parted", "echo old >f; ln f g; ln f h", "cp f i; echo new >i; mv i g", "./ f g h"],
    [
      "several names written to",
      "mkdir a; echo old >f; ln f a/g; touch -d @9 a",
      "echo new 1<>f",
      "f ./a/g",
    ],
  ])("is equal after: %s", (_, make, change, rest) => {
    on(side.source, make);
    on(side.folder, "cp -a source/. target");
    linked();
    on(side.source, change);
    writeFileSync(join(side.served, "cut/rest-0"), `${rest.split(" ").join("\0")}\0`);
    expect(side.run(LISTED, join(side.folder, "key"), side.target).status).toBe(0);
    expect(allThatIsKept(side.target)).toBe(allThatIsKept(side.source));
  });
});
