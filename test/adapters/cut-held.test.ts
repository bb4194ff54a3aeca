import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../../provider/on-host/load";
import { hostShells, withParts } from "./on-host/here";

const CUT_STATUS = hostProgram("cut/status.sh");
const END_CUT = hostProgram("cut/end.sh");
const RUN_CUT = hostProgram("cut/run.sh");
const DROP_HELD = hostProgram("move-key/drop-held.sh");

/** The file that a cut holds while it runs, as those meet it who come by at a bad moment. */
describe.each(hostShells)("%s %s", (program, ...words) => {
  let here: string;
  let held: string;

  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), "ferry-held-"));
    held = join(here, "held");
    mkdirSync(join(here, "bin"));
  });

  afterEach(() => rmSync(here, { recursive: true }));

  function provide(name: string, text: string): void {
    const path = join(here, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  const sh = (script: string, ...args: string[]) =>
    execFileSync(program, [...words, "-c", script, "sh", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${join(here, "bin")}:${process.env["PATH"]}` },
    });

  test("is taken away even when its last word is just being done", async () => {
    const last = spawn("sh", ["-c", 'exec 8>>"$1"; flock 8; echo; sleep 0.5', "sh", held], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(last.stdout, "data");
    sh(DROP_HELD, held);
    expect(existsSync(held)).toBe(false);
    await once(last, "exit");
  });

  test.each(["target", "source"])(
    "is root's alone on the %s, so that no user of the host can hold it",
    (side) => {
      sh(`umask 022; here=$1 held=$2\n${withParts(`cut/${side}-held.sh`)}`, here, held);
      expect(statSync(held).mode & 0o777).toBe(0o600);
    },
  );

  test("says that a cut runs while it is held, and none when it is not", async () => {
    expect(sh(CUT_STATUS, held)).toBe("none\n");
    writeFileSync(held, "");
    expect(sh(CUT_STATUS, held)).toBe("none\n");
    const cut = spawn("sh", ["-c", 'exec 8>>"$1"; flock 8; echo; exec sleep 60', "sh", held], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(cut.stdout, "data");
    expect(sh(CUT_STATUS, held)).toBe("running\n");
    cut.kill("SIGKILL");
    await once(cut, "exit");
    expect(sh(CUT_STATUS, held)).toBe("none\n");
  });

  test("is not made by who asks for it at the moment of its end", () => {
    writeFileSync(held, "");
    provide("flock", `rm -f '${held}'; PATH=\${PATH#*:} exec flock "$@"`);
    expect(sh(CUT_STATUS, held)).toBe("none\n");
    expect(existsSync(held)).toBe(false);
  });

  describe("a cut that ended", () => {
    const cut = (script: string) => {
      const folder = join(here, "move");
      mkdirSync(folder);
      writeFileSync(join(folder, "script"), script);
      writeFileSync(join(folder, "container"), "abc\n");
      writeFileSync(join(folder, "gate"), `${join(here, "gate")}\n`);
      provide("docker", `echo "$@" >>'${join(here, "asked")}'`);
      return folder;
    };
    const asked = () =>
      existsSync(join(here, "asked")) ? readFileSync(join(here, "asked"), "utf8") : "";

    test("says what came of it", () => {
      const folder = cut('echo "kind committed" >"$1/result"');
      expect(sh(RUN_CUT, folder, held)).toBe("kind committed\n");
      expect(asked()).toBe("");
    });

    test("without a word, as it was killed, leaves nothing that waits at its gate", () => {
      const folder = cut('exec 6>"$2"; flock 6; echo so >&2; kill -9 $$');
      expect(sh(RUN_CUT, folder, held)).toMatch(/^kind stuck\nstep \nreason .*: so\n$/);
      expect(asked()).toBe("kill abc\n");
      expect(existsSync(held)).toBe(false);
    });

    test("without a word as it was about to commit leaves alone what clients may be served by", () => {
      const folder = cut('echo commit >"$1/step"; kill -9 $$');
      expect(sh(RUN_CUT, folder, held)).toBe(
        "kind stuck\nstep commit\nreason its script was ended from outside\n",
      );
      expect(asked()).toBe("");
    });

    test("and was cleared up by another run since, is left alone: its container serves", () => {
      const folder = cut('echo "kind committed" >"$1/result"; rm "$1/result"');
      expect(() => sh(RUN_CUT, folder, held)).toThrow();
      expect(asked()).toBe("");
      expect(existsSync(held)).toBe(false);
    });
  });

  describe("on the source of a target that is out of reach", () => {
    const OF_SOURCE =
      'exec 8>>"$1"; echo "$$ $(cut -d" " -f22 /proc/$$/stat) $2" >"$1"; trap "" HUP INT TERM PIPE; echo; ';
    const conversation = async (goesOn: string) => {
      const running = spawn("sh", ["-c", OF_SOURCE + goesOn, "sh", held, here], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      await once(running.stdout, "data");
      return running;
    };

    test("nothing is ended where no cut goes on", async () => {
      expect(sh(END_CUT, held, "5", "5")).toBe("");
      writeFileSync(held, "");
      expect(sh(END_CUT, held, "5", "5")).toBe("");
      const over = await conversation("read -r word");
      const gone = once(over, "exit");
      over.stdin.end();
      await gone;
      expect(sh(END_CUT, held, "5", "5")).toBe("");
    });

    test("its conversation is ended, and the target's word is waited for", async () => {
      const talking = await conversation("read -r word");
      const gone = once(talking, "exit").then(() =>
        setTimeout(() => writeFileSync(join(here, "left"), ""), 300),
      );
      const ending = spawn("sh", ["-c", END_CUT, "sh", held, "5", "30"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [[status]] = await Promise.all([once(ending, "exit"), gone]);
      expect(status).toBe(0);
      expect(existsSync(join(here, "left"))).toBe(true);
    });

    test("without its word, for as long as it needs to notice", async () => {
      await conversation("read -r word");
      const before = Date.now();
      expect(sh(END_CUT, held, "5", "1")).toBe("ended\n");
      expect(Date.now() - before).toBeGreaterThan(900);
    });

    test("what is being done is done to its end", async () => {
      const busy = await conversation(
        'flock 8; sleep 0.5; echo done >"$2/done"; flock -u 8; read -r word',
      );
      expect(sh(END_CUT, held, "5", "0")).toBe("ended\n");
      expect(existsSync(join(here, "done"))).toBe(true);
      await (busy.exitCode ?? busy.signalCode ?? once(busy, "exit"));
      const longer = await conversation("flock 8; sleep 3");
      expect(() => sh(END_CUT, held, "1", "0")).toThrow(/still being done/);
      longer.kill("SIGKILL");
    });
  });
});
