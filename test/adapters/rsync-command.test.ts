import * as fc from "fast-check";
import { rsyncCommand, type RsyncCall } from "../../provider/adapters/volume/rsync-command";
import { ServedHere } from "./served-here";

const CALL: RsyncCall = {
  sshConfig: "/run/key/config",
  volume: 3,
  into: "/srv/copy",
  howMuch: "whole",
  xxh3: false,
  compress: false,
};

const limitOf = (argv: string[]) =>
  argv.filter((word) => word.startsWith("--bwlimit=")).map((word) => Number(word.slice(10)));

test("a limit is never rounded to 0, which rsync takes for none, nor to a kibibyte above", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (maxBandwidth) => {
      const [limit, ...others] = limitOf(rsyncCommand({ ...CALL, maxBandwidth }));
      expect(others).toEqual([]);
      expect(limit).toBeGreaterThanOrEqual(1);
      expect(limit! * 1024 - maxBandwidth).toBeLessThan(1024);
    }),
  );
});

test("without a limit there is none", () => expect(limitOf(rsyncCommand(CALL))).toEqual([]));

test("what was interrupted is looked into whatever its time says; a first copy is not read for differences", () => {
  const words = (howMuch: RsyncCall["howMuch"]) => rsyncCommand({ ...CALL, howMuch });
  expect(words("doubted")).toEqual(expect.arrayContaining(["--ignore-times", "--no-whole-file"]));
  expect(words("difference")).toContain("--no-whole-file");
  expect(words("difference")).not.toContain("--ignore-times");
  expect(words("whole")).toContain("--whole-file");
});

test("what is added stands before source and target, which come last", () => {
  const argv = rsyncCommand(CALL, ["--force"]);
  expect(argv.indexOf("--force")).toBeLessThan(argv.indexOf("-e"));
  expect(argv.slice(-2)).toEqual(["ferry-source:volume-3/", "/srv/copy/"]);
});

test("attributes that a backup by --fake-super keeps are asked for as well, and the source's key lets that through", () => {
  expect(rsyncCommand(CALL)).toContain("-aHAXXS");
  const here = new ServedHere({});
  here.program("rsync", 'echo "$@"');
  const { stdout } = here.ask(
    "rsync --server --sender -logDtprAXXSHe.iLsfxCIvu --numeric-ids . volume-0/",
  );
  expect(stdout.toString()).toContain("-logDtprAXXSHe.iLsfxCIvu");
  here.remove();
});
