import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observerBootScript } from "../../../provider/core/weave/boot-script";
import { confText, CONF_PATH } from "../../../provider/core/weave/boot-unit";
import type { LaunchSettings } from "../../../provider/core/weave/settings";
import { hostProgram } from "../../../provider/on-host/load";

const LAUNCHER = hostProgram("weave/launcher.sh");
const launcher = { launcher: LAUNCHER };

const settings: LaunchSettings = {
  ipallocRange: "10.32.0.0/13",
  discovery: true,
  trustedSubnets: [],
  extraFlags: ["--plugin=false"],
  targets: ["10.0.0.1", "10.0.0.2"],
  electors: 2,
  password: `it's a $ecret "word" \`id\` \\ #x=y`,
};

test("the settings for the boot, word for word", () => {
  const exposures = {
    expose: ["10.40.0.1/24"],
    exposeName: "node1.weave.local",
    externalNames: [
      { name: "nas.weave.local", addresses: ["192.0.2.8"] },
      { name: "printer.weave.local", addresses: ["192.0.2.9", "192.0.2.10"] },
    ],
  };
  expect(confText(settings, "2.6.5", exposures).split("\n").slice(1)).toEqual([
    "CHECKPOINT_DISABLE=1",
    `WEAVE_PASSWORD=${settings.password!}`,
    "FERRY_LAUNCH=--ipalloc-range=10.32.0.0/13 --ipalloc-init=consensus=2 --plugin=false 10.0.0.1 10.0.0.2",
    "FERRY_EXPOSE=10.40.0.1/24 -h node1.weave.local",
    "FERRY_NAME=192.0.2.8 -h nas.weave.local",
    "FERRY_NAME=192.0.2.9 192.0.2.10 -h printer.weave.local",
    "",
  ]);
});

describe("the launcher, with commands that write down how they were called", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-launcher-"));
  const log = join(folder, "log");
  const conf = join(folder, "weave.conf");
  mkdirSync(join(folder, "bin"));
  const command = (name: string, text: string) => {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  };
  const launch = (docker: string, weave = "", api = "1.12") => {
    writeFileSync(log, "");
    command("docker", `case $* in version*) echo ${api} ;; *) echo '${docker}' ;; esac`);
    command(
      "weave",
      `[ "$1" = status ] || { for word; do printf '<%s>' "$word"; done; echo " password=$WEAVE_PASSWORD nofdp=$WEAVE_NO_FASTDP api=$DOCKER_API_VERSION $WEAVE_DOCKER_ARGS"; } >>${log}\n${weave}`,
    );
    command("modprobe", "exit 1");
    const { status, stderr } = spawnSync("sh", ["-c", LAUNCHER.replaceAll(CONF_PATH, conf)], {
      env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` },
      encoding: "utf8",
    });
    return { status, stderr, calls: readFileSync(log, "utf8").split("\n").filter(Boolean) };
  };
  const exposures = {
    expose: ["10.40.0.1/24"],
    externalNames: [{ name: "nas.weave.local", addresses: ["192.0.2.8", "192.0.2.9"] }],
  };
  const password = ` password=${settings.password!}`;
  afterAll(() => rmSync(folder, { recursive: true }));

  test("launches with the settings, and nothing in them is read as code", () => {
    writeFileSync(conf, confText(settings, "2.6.5"));
    const { status, calls } = launch("false false");
    expect(status).toBe(0);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toContain(
      `<launch><--ipalloc-range=10.32.0.0/13><--ipalloc-init=consensus=2><--plugin=false><10.0.0.1><10.0.0.2>${password}`,
    );
  });

  test.each(["true false", "false true"])("launches nothing where Docker says %s", (running) => {
    writeFileSync(conf, confText(settings, "2.6.5"));
    expect(launch(running)).toMatchObject({ status: 0, calls: [] });
  });

  test("gives back what Weave forgets, whether it launched or not", () => {
    writeFileSync(conf, confText(settings, "2.6.5", exposures));
    expect(launch("true false").calls.map((line) => line.split(" password")[0])).toEqual([
      "<expose><10.40.0.1/24>",
      "<dns-add><192.0.2.8><192.0.2.9><-h><nas.weave.local>",
    ]);
    expect(launch("").calls.map((line) => line.split(">")[0])).toEqual([
      "<launch",
      "<expose",
      "<dns-add",
    ]);
  });

  test("calls the command that the settings name, with the images that they name", () => {
    command("reweave", `echo "$* $DOCKERHUB_USER $WEAVE_VERSION" >>${log}`);
    const own = { ...settings, imageVersion: "2.9.0", images: "registry.example/mirror" };
    const path = join(folder, "bin", "reweave");
    writeFileSync(conf, confText(own, "2.8.1", exposures, path));
    const { status, calls } = launch("");
    expect(status).toBe(0);
    expect(calls).toEqual([
      "launch --ipalloc-range=10.32.0.0/13 --ipalloc-init=consensus=2 --plugin=false 10.0.0.1 10.0.0.2 registry.example/mirror 2.9.0",
      "status registry.example/mirror 2.9.0",
      "expose 10.40.0.1/24 registry.example/mirror 2.9.0",
      "dns-add 192.0.2.8 192.0.2.9 -h nas.weave.local registry.example/mirror 2.9.0",
    ]);
  });

  test("speaks the version of Docker's API that this Docker knows, and has the router speak it", () => {
    writeFileSync(conf, confText(settings, "2.9.0"));
    expect(launch("", "", "1.12").calls[0]).toMatch(/ api= $/);
    expect(launch("", "", "1.40").calls[0]).toMatch(/ api=1\.40 -e DOCKER_API_VERSION=1\.40$/);
  });

  test("a launch that fails fails the unit, which is then tried again", () => {
    writeFileSync(conf, confText(settings, "2.6.5", exposures));
    const { status, calls } = launch("", "exit 1");
    expect(status).toBe(1);
    expect(calls).toHaveLength(1);
  });
});

describe("the boot script for observers", () => {
  test("is a script that a shell can read, whatever the password", () => {
    const script = observerBootScript(settings, launcher);
    expect(spawnSync("sh", ["-n"], { input: script }).status).toBe(0);
    expect(script).toContain(`\nWEAVE_PASSWORD=${settings.password!}\n`);
    expect(script).toContain("--ipalloc-init=observer --plugin=false 10.0.0.1 10.0.0.2");
  });

  test("leaves names to the hosts", () => {
    const named = {
      ...settings,
      peerName: "02:00:00:00:00:01",
      nickname: "alpha",
      bindAddress: "10.0.0.1",
    };
    expect(observerBootScript(named, launcher)).toBe(observerBootScript(settings, launcher));
  });

  test("looks for the command that the program names, and says so to the launcher", () => {
    const script = observerBootScript(settings, { ...launcher, command: "/opt/weave/weave" });
    expect(spawnSync("sh", ["-n"], { input: script }).status).toBe(0);
    expect(script).toContain("\ncommand -v /opt/weave/weave >/dev/null || fail");
    expect(script).toContain("\nFERRY_WEAVE=/opt/weave/weave\n");
    expect(observerBootScript(settings, launcher)).not.toContain("\nFERRY_WEAVE=");
    expect(() => observerBootScript(settings, { ...launcher, command: "/opt/$(id)" })).toThrow(
      "is not the path of the weave command",
    );
  });

  test("in a seeded cluster everybody has the seed", () => {
    const seed = ["02:00:00:00:00:01", "02:00:00:00:00:02"];
    expect(observerBootScript({ ...settings, seed }, launcher)).toContain(
      `--ipalloc-init=seed=${seed.join(",")} `,
    );
  });

  test("needs somebody to dial", () => {
    expect(() => observerBootScript({ ...settings, targets: [] }, launcher)).toThrow(
      "A boot script needs the address of at least one peer that is there already.",
    );
  });
});
