import { CUTOVER_DATA, CutoverFixture } from "../lab/cutover-fixture";
import { JoinedHosts } from "../lab/joined-hosts";

/**
 * A million small files, and one of several GB that is mostly a hole: by real hosts, from the first
 * round to the commit.
 */
jest.setTimeout(1_800_000);

const FILES = 1_000_000;
const LONG_MS = 600_000;
const lab = new JoinedHosts("many-files", ["node1", "node2"]);
const fixture = new CutoverFixture(lab);
const spec = {
  image: "ferry-demo/box:1",
  command: ["/bin/sleep", "1000000"],
  stopTimeoutSeconds: 1,
};

beforeAll(() => lab.up());
afterAll(() => lab.down());
afterEach(() => fixture.clear());

/**
 * Run where `sum` has its result: names, types, modes, owners, times and contents of everything.
 */
const SUM =
  `cd ${CUTOVER_DATA} && { find . -printf '%P %y %m %U %G %T@ %n %l\\n' | LC_ALL=C sort; ` +
  "find . -type f -size -1000k -print0 | LC_ALL=C sort -z | xargs -0 cat; } | sha256sum";

test("a million small files move, each as it was", async () => {
  await fixture.begin(spec);
  const perl =
    `perl -e 'for $d (0..999) { mkdir "d$d"; for $f (0..${FILES / 1000 - 1}) ` +
    '{ open(F, ">d$d/f$f"); print F "$d/$f"; close F } }\'';
  await lab.run("node1", `cd ${CUTOVER_DATA} && ${perl}`, LONG_MS);
  let before = "";
  const { outcome } = await fixture.cutOver({
    spec,
    armed: async () => {
      await lab.run("node1", `cd ${CUTOVER_DATA} && echo changed >d500/f500 && rm d999/f999`);
      before = await lab.run("node1", SUM, LONG_MS);
    },
  });
  expect(outcome).toMatchObject({ kind: "committed" });
  expect(await lab.run("node2", SUM, LONG_MS)).toBe(before);
  expect(await lab.run("node2", `find ${CUTOVER_DATA} -type f | wc -l`, LONG_MS)).toBe(
    `${FILES - 1}\n`,
  );
});

test("a file of many GB that is mostly a hole takes no more room there", async () => {
  await fixture.begin(spec);
  await lab.run(
    "node1",
    `cd ${CUTOVER_DATA} && truncate -s 6G big && for at in 0 1500 3000 6143; do ` +
      "head -c 1M /dev/urandom | dd of=big bs=1M seek=$at conv=notrunc status=none; done",
  );
  const sum = `cd ${CUTOVER_DATA} && stat -c '%s %Y' big && for at in 0 1500 3000 6143; do dd if=big bs=1M skip=$at count=1 status=none | sha256sum; done`;
  const before = await lab.run("node1", sum);
  const { outcome } = await fixture.cutOver({ spec });
  expect(outcome).toMatchObject({ kind: "committed" });
  expect(await lab.run("node2", sum)).toBe(before);
  const [kib = "0"] = (await lab.run("node2", `du -k ${CUTOVER_DATA}/big`)).split("\t");
  expect(Number(kib)).toBeLessThan(64 * 1024);
});
