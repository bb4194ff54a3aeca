import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command, CommandResult, Shell } from "../../provider/core/adapter-ports";
import type { WeaveSource } from "../../provider/core/weave/source";
import { weaveOn } from "../../provider/adapters/weave/host-weave";
import {
  DATAPATH,
  LAST_WORDS,
  RELAUNCH,
  REMAINING,
  REPORT,
  SETUP,
  TROUBLE,
  VERSION,
} from "../../provider/adapters/weave/host-scripts";
import { causeOf, lastWords } from "../../provider/adapters/weave/last-words";

const answer = (exitCode: number, stdout = "", stderr = ""): CommandResult => ({
  exitCode,
  stdout,
  stderr,
});

/** A shell that answers as told and keeps what it was asked. */
function shellOf(
  run: CommandResult,
  scripts: Record<string, CommandResult> = {},
  source?: WeaveSource,
) {
  const asked: Command[] = [];
  const given = new Map<string, readonly string[]>();
  const shell = {
    run: (command: Command) => {
      asked.push(command);
      return Promise.resolve(run);
    },
    script: (script: string, args: readonly string[] = []) => {
      const known: Record<string, CommandResult> = {
        [VERSION]: answer(0, "2.6.5\nweaveworks\n"),
        [DATAPATH]: answer(0, "no\nnone\n"),
        ...scripts,
      };
      given.set(script, args);
      return Promise.resolve(known[script] ?? answer(0));
    },
  } as unknown as Shell;
  return { asked, given, weave: weaveOn({ name: "node1", shell }, source) };
}

const settings = {
  ipallocRange: "10.32.0.0/13",
  discovery: true,
  trustedSubnets: [],
  extraFlags: [],
  targets: ["10.0.0.2"],
  electors: 2,
};

test("a launch runs bounded, as root, with the password by standard input only", async () => {
  const { asked, weave } = shellOf(answer(0));
  await weave.launch({ ...settings, password: "open sesame" });
  const [command] = asked;
  expect(command).toMatchObject({ stdin: "open sesame\n", root: true, redact: ["open sesame"] });
  expect(command?.argv.slice(3)).toEqual([
    ...[
      "sh",
      "300",
      "WEAVE_PASSWORD",
      "CHECKPOINT_DISABLE=1",
      "WEAVE_NO_FASTDP=1",
      "weave",
      "launch",
    ],
    ...["--ipalloc-range=10.32.0.0/13", "--ipalloc-init=consensus=2", "10.0.0.2"],
  ]);
  expect(command?.timeoutSeconds).toBeGreaterThan(300);
});

describe("where the program says where Weave comes from", () => {
  const source = { version: "2.9.0", images: "registry.example/mirror", command: "/opt/weave" };

  test("that command is asked, called and told of the images", async () => {
    const { asked, given, weave } = shellOf(answer(0), {}, source);
    expect(await weave.version()).toBe("2.6.5");
    expect(given.get(VERSION)).toEqual(["/opt/weave"]);
    expect(await weave.imagesOf()).toBe("registry.example/mirror");
    await weave.stop();
    expect(asked[0]?.argv.slice(-5)).toEqual([
      ...["CHECKPOINT_DISABLE=1", "WEAVE_VERSION=2.9.0", "DOCKERHUB_USER=registry.example/mirror"],
      ...["/opt/weave", "stop"],
    ]);
    await weave.setup("2.9.0");
    expect(given.get(SETUP)).toEqual(
      ["weave:2.9.0", "weaveexec:2.9.0", "weavedb:latest"].map(
        (each) => `${source.images}/${each}`,
      ),
    );
  });

  test("a command that is not there is told with its path", async () => {
    const { weave } = shellOf(answer(0), { [VERSION]: answer(127) }, source);
    await expect(weave.stop()).rejects.toThrow(
      "The weave command is not on host 'node1' at /opt/weave",
    );
  });
});

describe("what a relaunch runs on the host", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-relaunch-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const command = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };

  test("stops the former router by the same command and images as it launches the new one", () => {
    command("docker", 'case "$1" in version) echo 1.44 ;; inspect) exit 1 ;; esac');
    const reported = "$WEAVE_VERSION $DOCKERHUB_USER $DOCKER_API_VERSION $WEAVEEXEC_DOCKER_ARGS";
    command("reweave", `echo "$* ${reported} $WEAVE_PASSWORD" >>${folder}/log`);
    const words = ["WEAVE_VERSION=2.9.0", "DOCKERHUB_USER=rajchaudhuri", join(folder, "reweave")];
    // Where a host keeps what was said.
    const script = RELAUNCH.replaceAll("/run/", `${folder}/`);
    const { status, stderr } = spawnSync(
      "sh",
      ["-c", script, "sh", "30", "WEAVE_PASSWORD", ...words, "launch", "--a=b", "10.0.0.2"],
      {
        env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
        input: "open sesame\n",
        encoding: "utf8",
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const by = "2.9.0 rajchaudhuri 1.44 -e DOCKER_API_VERSION=1.44 open sesame";
    expect(readFileSync(join(folder, "log"), "utf8").trim().split("\n")).toEqual([
      `stop ${by}`,
      `launch --a=b 10.0.0.2 ${by}`,
    ]);
  });
});

describe("a report", () => {
  const Router = {
    Targets: ["10.0.0.2:6783"],
    Connections: [
      {
        Address: "10.0.0.2:6783",
        Outbound: true,
        State: "failed",
        Info: "refused, retry: 2020-01-01 00:00:41 +0000 UTC m=+9.7",
      },
    ],
  };
  const report = (now: string) => ({ [REPORT]: answer(0, now + JSON.stringify({ Router })) });

  test("is read by the host's own time, whatever the clock here says", async () => {
    const reported = await shellOf(answer(0), report("1577836800\n")).weave.report();
    expect(reported?.connections[0]?.waitSeconds).toBe(41);
    const untold = await shellOf(answer(0), report("")).weave.report();
    expect(untold?.connections[0]).toMatchObject({ state: "failed" });
    expect(untold?.connections[0]).not.toHaveProperty("waitSeconds");
  });

  test("is none where only the time came", async () => {
    const nothing = { [REPORT]: answer(0, "1577836800\n") };
    expect(await shellOf(answer(0), nothing).weave.report()).toBeUndefined();
  });

  test("says which targets there are to dial again: no other is given to the router", async () => {
    const { asked, weave } = shellOf(answer(0), report("1577836800\n"));
    await weave.dialAgain(["10.9.9.9"]);
    expect(asked).toEqual([]);
    await weave.dialAgain(["10.9.9.9", "10.0.0.2"]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.argv.slice(-3)).toEqual(["weave", "connect", "10.0.0.2"]);
  });
});

describe("the container of a router that does not answer", () => {
  const troubleOf = (found: CommandResult) =>
    shellOf(answer(0), { [TROUBLE]: found }).weave.trouble();

  test("is told with its last words of weight", async () => {
    const log =
      "INFO: 2026/11/21 03:59:30.1 Docker API on unix:///var/run/docker.sock\n" +
      "FATA: 2026/11/21 03:59:30.2 Could not start proxy: client version 1.24 is too old\n";
    expect(await troubleOf(answer(0, `restarting 1 12\n${log}`))).toEqual({
      ...{ status: "restarting", exitCode: 1, restarts: 12 },
      words: "Could not start proxy: client version 1.24 is too old",
    });
    expect(await troubleOf(answer(0, "exited 137 0\n"))).toEqual({
      ...{ status: "exited", exitCode: 137, restarts: 0 },
    });
  });

  test("is none where there is none, and a Docker that does not say is told", async () => {
    expect(await troubleOf(answer(0, ""))).toBeUndefined();
    await expect(troubleOf(answer(1, "", "Cannot connect to Docker"))).rejects.toThrow(
      /failed on host 'node1': Cannot connect to Docker/,
    );
  });
});

test("a router that died is told with its own last words, and never with the password", async () => {
  const log =
    'INFO: 2026/11/21 03:59:30.1 weave 2.6.5\nFATA: 2026/11/21 03:59:30.2 bad "open sesame"\n';
  const died = answer(
    1,
    "",
    "The weave container has died. Consult the container logs for further details.\r\n",
  );
  const { weave } = shellOf(died, { [LAST_WORDS]: answer(0, log) });
  await expect(weave.launch({ ...settings, password: "open sesame" })).rejects.toThrow(
    `Launching Weave's router failed on host 'node1': bad "***". No router runs there now; put that right and run again.`,
  );
});

test("errors come without the CR of a terminal, from whichever stream", async () => {
  const { weave } = shellOf(answer(7, "weave container is not running.\r\n"));
  await expect(weave.connect(["10.0.0.2"])).rejects.toThrow(
    "Connecting Weave's router with 10.0.0.2 failed on host 'node1': weave container is not running.",
  );
});

test.each([124, 137])("exit code %d: the time has passed", async (code) => {
  expect(await shellOf(answer(code)).weave.prime(2)).toBe(false);
  await expect(shellOf(answer(code)).weave.stop()).rejects.toThrow("no answer within 60 s");
});

test("nothing to connect or forget asks the host nothing", async () => {
  const { asked, weave } = shellOf(answer(1));
  await weave.connect([]);
  await weave.forget([]);
  expect(asked).toEqual([]);
});

describe("what the weave command says of itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-weave-command-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    [
      'SCRIPT_VERSION="2.6.5"',
      "DOCKERHUB_USER=${DOCKERHUB_USER:-weaveworks}",
      "2.6.5",
      "weaveworks",
    ],
    ["SCRIPT_VERSION=1.0.3", "DOCKERHUB_USER=weaveworks", "1.0.3", "weaveworks"],
    [
      'SCRIPT_VERSION="2.9.0"',
      "DOCKERHUB_USER=${DOCKERHUB_USER:-rajchaudhuri}",
      "2.9.0",
      "rajchaudhuri",
    ],
    [
      'SCRIPT_VERSION="2.9.0"',
      "DOCKERHUB_USER=${DOCKERHUB_USER:-me.example:5000/weave-net}",
      "2.9.0",
      "me.example:5000/weave-net",
    ],
    ["echo", "echo", "unknown", ""],
  ])("%s, %s", (version, owner, ...said) => {
    writeFileSync(join(folder, "weave"), `#!/bin/sh\nset -e\n${version}\n${owner}\nexit 1\n`);
    chmodSync(join(folder, "weave"), 0o755);
    const run = (env: Record<string, string> = {}) =>
      spawnSync("sh", ["-c", VERSION], {
        env: { ...env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
        encoding: "utf8",
      }).stdout;
    expect(run()).toBe(`${said.join("\n")}\n`);
    // The command goes by it, too.
    expect(run({ DOCKERHUB_USER: "mine" })).toBe(`${said[0]}\nmine\n`);
  });

  test.each([
    ["2.6.5\nweaveworks\n", "weaveworks", "2.6.5"],
    ["2.9.0\nrajchaudhuri\n", "rajchaudhuri", "2.9.0"],
    ["2.8.1\n\n", "weaveworks", "2.8.1"],
  ])("%j: those images are fetched", async (said, owner, version) => {
    const { given, weave } = shellOf(answer(0), { [VERSION]: answer(0, said) });
    await weave.setup();
    expect(given.get(SETUP)).toEqual([
      `${owner}/weave:${version}`,
      `${owner}/weaveexec:${version}`,
      `${owner}/weavedb:latest`,
    ]);
  });
});

describe("a reset", () => {
  const callsWith = async (
    remaining: CommandResult,
    version = answer(0, "2.8.1\nweaveworks\n"),
  ) => {
    const scripts = { [REMAINING]: remaining, [VERSION]: version };
    const { asked, weave } = shellOf(answer(0), scripts);
    await weave.reset();
    return asked
      .map(({ argv }) => argv.slice(-3).join(" "))
      .filter((call) => call.includes("weave"));
  };

  test.each(["weavedb\n", "the link weave\n", "its rules\n", "containers' links\n"])(
    "is Weave's own where there is something left: %j",
    async (left) => {
      expect(await callsWith(answer(0, left))).toEqual(["weave reset --force"]);
    },
  );

  test("needs no Weave where there is nothing of it, so that a first launch that Docker refused is undone", async () => {
    expect(await callsWith(answer(0))).toEqual([]);
    expect(await callsWith(answer(0), answer(127))).toEqual([]);
  });

  test("that cannot see what there is changes nothing", async () => {
    await expect(callsWith(answer(1, "", "Cannot connect to the Docker daemon"))).rejects.toThrow(
      "Resetting Weave failed on host 'node1': Cannot connect to the Docker daemon",
    );
  });

  test("of a router without its command is refused", async () => {
    await expect(callsWith(answer(0, "weave\nweavedb\n"), answer(127))).rejects.toThrow(
      "Its router is still there, and needs the command to leave the network",
    );
  });
});

test("a weave command that is too old is told with its host", async () => {
  const { weave } = shellOf(answer(0), { [VERSION]: answer(0, "0.11.2\n") });
  await expect(weave.stop()).rejects.toThrow(
    "Weave Net 0.11.2 is too old: Ferry knows the words of 1.0 and later; host 'node1' has the older one.",
  );
});

test.each([
  ["FATA: 2026/11/21 03:59:30.2 invalid peer name", "invalid peer name"],
  [
    "INFO: 2026/11/21 1 a\nflag provided but not defined: --no-such\nSee 'weave --help'.\n",
    "flag provided but not defined: --no-such",
  ],
  [
    "ERRO: 2026/11/21 03:59:30 listen tcp: address already in use\nINFO: 2026/11/21 1 bye",
    "listen tcp: address already in use",
  ],
  ["something else.\n", "something else"],
  ["", undefined],
])("the cause in %j", (log, cause) => {
  expect(causeOf(log)).toBe(cause);
});

test("the last line that says something", () => {
  expect(lastWords("a\nb.\n\n")).toBe("b");
  expect(lastWords(" \n")).toBeUndefined();
  const reason = "docker: Error response from daemon: no space left on device";
  expect(lastWords(`${reason}.\nSee 'docker run --help'.\n`)).toBe(reason);
  expect(lastWords(`${reason}\n\nRun 'docker run --help' for more information\n`)).toBe(reason);
});

test("an answer that is no JSON is told with its host and what came in its place", async () => {
  const report = shellOf(answer(0), { [REPORT]: answer(0, "welcome to node1\n{}") }).weave;
  await expect(report.report()).rejects.toThrow(
    "Reading the report of Weave's router failed on host 'node1': it answered 'welcome to node1 {}', which is not JSON.",
  );
  const router = shellOf(answer(0, "running\nweave:2.6.5\nwelcome\n")).weave;
  await expect(router.router()).rejects.toThrow("on host 'node1': it answered 'welcome'");
});
