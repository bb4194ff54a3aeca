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

const CUTOVER_STATUS = hostProgram("cutover/status.sh");
const END_CUTOVER = hostProgram("cutover/end.sh");
const RUN_CUTOVER = hostProgram("cutover/run.sh");
const DROP_LOCK_FILE = hostProgram("move-key/drop-lock-file.sh");

/** The file that a cutover holds while it runs, as those meet it who come by at a bad moment. */
describe.each(hostShells)("%s %s", (program, ...words) => {
  let here: string;
  let lockFile: string;

  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), "ferry-held-"));
    lockFile = join(here, "held");
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
    const last = spawn("sh", ["-c", 'exec 8>>"$1"; flock 8; echo; sleep 0.5', "sh", lockFile], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(last.stdout, "data");
    sh(DROP_LOCK_FILE, lockFile);
    expect(existsSync(lockFile)).toBe(false);
    await once(last, "exit");
  });

  test.each(["target", "source"])(
    "is root's alone on the %s, so that no user of the host can hold it",
    (side) => {
      sh(
        `umask 022; here=$1 lock_file=$2\n${withParts(`cutover/${side}-lock.sh`)}`,
        here,
        lockFile,
      );
      expect(statSync(lockFile).mode & 0o777).toBe(0o600);
    },
  );

  test("says that a cutover runs while it is held, and none when it is not", async () => {
    expect(sh(CUTOVER_STATUS, lockFile)).toBe("none\n");
    writeFileSync(lockFile, "");
    expect(sh(CUTOVER_STATUS, lockFile)).toBe("none\n");
    const cutover = spawn(
      "sh",
      ["-c", 'exec 8>>"$1"; flock 8; echo; exec sleep 60', "sh", lockFile],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(cutover.stdout, "data");
    expect(sh(CUTOVER_STATUS, lockFile)).toBe("running\n");
    cutover.kill("SIGKILL");
    await once(cutover, "exit");
    expect(sh(CUTOVER_STATUS, lockFile)).toBe("none\n");
  });

  test("is not made by who asks for it at the moment of its end", () => {
    writeFileSync(lockFile, "");
    provide("flock", `rm -f '${lockFile}'; PATH=\${PATH#*:} exec flock "$@"`);
    expect(sh(CUTOVER_STATUS, lockFile)).toBe("none\n");
    expect(existsSync(lockFile)).toBe(false);
  });

  describe("a cutover that ended", () => {
    const cutover = (script: string) => {
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
      const folder = cutover('echo "kind committed" >"$1/result"');
      expect(sh(RUN_CUTOVER, folder, lockFile)).toBe("kind committed\n");
      expect(asked()).toBe("");
    });

    test("without a word, as it was killed, leaves nothing that waits at its start barrier", () => {
      const folder = cutover('exec 6>"$2"; flock 6; echo so >&2; kill -9 $$');
      expect(sh(RUN_CUTOVER, folder, lockFile)).toMatch(/^kind stuck\nstep \nreason .*: so\n$/);
      expect(asked()).toBe("kill abc\n");
      expect(existsSync(lockFile)).toBe(false);
    });

    test("without a word as it was about to commit leaves alone what clients may be served by", () => {
      const folder = cutover('echo commit >"$1/step"; kill -9 $$');
      expect(sh(RUN_CUTOVER, folder, lockFile)).toBe(
        "kind stuck\nstep commit\nreason its script was ended from outside\n",
      );
      expect(asked()).toBe("");
    });

    test("and was cleared up by another run since, is left alone: its container serves", () => {
      const folder = cutover('echo "kind committed" >"$1/result"; rm "$1/result"');
      expect(() => sh(RUN_CUTOVER, folder, lockFile)).toThrow();
      expect(asked()).toBe("");
      expect(existsSync(lockFile)).toBe(false);
    });
  });

  describe("on the source of a target that is out of reach", () => {
    const OF_SOURCE =
      'exec 8>>"$1"; echo "$$ $(cut -d" " -f22 /proc/$$/stat) $2" >"$1"; trap "" HUP INT TERM PIPE; echo; ';
    const conversation = async (goesOn: string) => {
      const running = spawn("sh", ["-c", OF_SOURCE + goesOn, "sh", lockFile, here], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      await once(running.stdout, "data");
      return running;
    };

    test("nothing is ended where no cutover goes on", async () => {
      expect(sh(END_CUTOVER, lockFile, "5", "5")).toBe("");
      writeFileSync(lockFile, "");
      expect(sh(END_CUTOVER, lockFile, "5", "5")).toBe("");
      const over = await conversation("read -r word");
      const gone = once(over, "exit");
      over.stdin.end();
      await gone;
      expect(sh(END_CUTOVER, lockFile, "5", "5")).toBe("");
    });

    test("its conversation is ended, and the target's word is waited for", async () => {
      const talking = await conversation("read -r word");
      const gone = once(talking, "exit").then(() =>
        setTimeout(() => writeFileSync(join(here, "left"), ""), 300),
      );
      const ending = spawn("sh", ["-c", END_CUTOVER, "sh", lockFile, "5", "30"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [[status]] = await Promise.all([once(ending, "exit"), gone]);
      expect(status).toBe(0);
      expect(existsSync(join(here, "left"))).toBe(true);
    });

    test("without its word, for as long as it needs to notice", async () => {
      await conversation("read -r word");
      const before = Date.now();
      expect(sh(END_CUTOVER, lockFile, "5", "1")).toBe("ended\n");
      expect(Date.now() - before).toBeGreaterThan(900);
    });

    test("what is being done is done to its end", async () => {
      const busy = await conversation(
        'flock 8; sleep 0.5; echo done >"$2/done"; flock -u 8; read -r word',
      );
      expect(sh(END_CUTOVER, lockFile, "5", "0")).toBe("ended\n");
      expect(existsSync(join(here, "done"))).toBe(true);
      await (busy.exitCode ?? busy.signalCode ?? once(busy, "exit"));
      const longer = await conversation("flock 8; sleep 3");
      expect(() => sh(END_CUTOVER, lockFile, "1", "0")).toThrow(/still being done/);
      longer.kill("SIGKILL");
    });
  });
});
