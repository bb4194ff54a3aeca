import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CUT_STATUS, RUN_CUT } from "../../provider/adapters/cut/run-script";
import { DROP_HELD } from "../../provider/adapters/move-key/key-scripts";

/** The file that a cut holds while it runs, as those meet it who come by at a bad moment. */

let here: string;
let held: string;

beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), "ferry-held-"));
  held = join(here, "held");
  mkdirSync(join(here, "bin"));
});

afterEach(() => rmSync(here, { recursive: true }));

function program(name: string, text: string): void {
  const path = join(here, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

const sh = (script: string, ...args: string[]) =>
  execFileSync("sh", ["-c", script, "sh", ...args], {
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
  program("flock", `rm -f '${held}'; PATH=\${PATH#*:} exec flock "$@"`);
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
    program("docker", `echo "$@" >>'${join(here, "asked")}'`);
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
    expect(sh(RUN_CUT, folder, held)).toMatch(/^kind stuck\nreason .*: so\n$/);
    expect(asked()).toBe("kill abc\n");
    expect(existsSync(held)).toBe(false);
  });

  test("and was cleared up by another run since, is left alone: its container serves", () => {
    const folder = cut('echo "kind committed" >"$1/result"; rm "$1/result"');
    expect(() => sh(RUN_CUT, folder, held)).toThrow();
    expect(asked()).toBe("");
    expect(existsSync(held)).toBe(false);
  });
});
