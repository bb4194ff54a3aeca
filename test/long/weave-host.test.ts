import { mustRun, reboot, run } from "../../lab";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { weaveOn } from "../../provider/adapters/weave/host-weave";
import { observerBootScript } from "../../provider/core/weave/boot-script";
import { hostProgram } from "../../provider/on-host/load";
import { CONF_PATH, UNIT } from "../../provider/core/weave/boot-unit";
import type { Weave } from "../../provider/core/weave/weave-port";
import { mustBeReset } from "../../provider/core/weave/removed";
import { joining, type LaunchSettings } from "../../provider/core/weave/settings";
import { pause, weaveLab } from "../lab/weave-lab";

jest.setTimeout(240_000);

/**
 * What only a real host shows of Weave's adapter: time, processes, files, reboots and links that
 * are cut.
 */
describe("Weave on a real host", () => {
  const { lab, weave, address, connection, expectAsFresh } = weaveLab("weave-host", 3);
  const password = "0pen-sesame-4711";
  const settings = (extra: Partial<LaunchSettings> = {}): LaunchSettings => ({
    ipallocRange: "10.32.0.0/13",
    discovery: true,
    trustedSubnets: [],
    extraFlags: ["--plugin=false"],
    targets: [],
    electors: 2,
    password,
    ...extra,
  });
  /** Without the line feed at the end of what it prints. */
  const on = async (host: string, command: string) => (await mustRun(host, command, lab)).trimEnd();
  const targetsOf = (host: string) =>
    ["node1", "node2"].filter((other) => other !== host).map(address);

  /** The first answer that is not undefined, within a generous time. */
  const eventually = async <T>(
    ask: () => Promise<T | undefined | false>,
    seconds = 90,
  ): Promise<T> => {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (performance.now() > deadline) throw new Error(`it did not come about in ${seconds} s`);
      await pause(500);
    }
  };
  const connected = (from: Weave, to: Weave) =>
    eventually(async () => {
      const [a, b] = [await from.report(), await to.report()];
      return a !== undefined && b !== undefined && a.establishedWith.includes(b.peerName);
    });

  test("the password shows in no process list, and on disk to root alone", async () => {
    // Reads every command line on the host, over and over, while the router is launched.
    const watch =
      `systemd-run --quiet --unit=ferry-test-watch sh -c 'while :; do for f in /proc/[0-9]*/cmdline; do ` +
      `tr "\\0" " " <$f 2>/dev/null | grep -v "^sh -c while" | grep -F "${password}" >>/run/ferry-test-seen; done; done'`;
    await on("node1", watch);
    await weave("node1").keepAtBoot(settings({ targets: targetsOf("node1") }));
    await weave("node1").launch(settings({ targets: targetsOf("node1") }));
    await weave("node2").launch(settings({ targets: targetsOf("node2") }));
    await weave("node1").relaunch(settings({ targets: targetsOf("node1") }));
    const seen = await on(
      "node1",
      "systemctl stop ferry-test-watch; cat /run/ferry-test-seen 2>/dev/null | sort | uniq -c; rm -f /run/ferry-test-seen",
    );
    // The watcher's own words have it, and must be found: else the watching shows nothing.
    const others = seen
      .split("\n")
      .filter((line) => line !== "" && !/ferry-test-seen|^ *\d+ grep -F /.test(line));
    expect(seen).toContain(password);
    expect(others).toEqual([]);
    expect(await on("node1", `stat -c '%a %U' ${CONF_PATH}`)).toBe("600 root");
    await connected(weave("node1"), weave("node2"));
    expect(await weave("node1").prime(60)).toBe(true);
  });

  test("a relaunch: containers keep their addresses, and are away no longer than the router", async () => {
    for (const [host, cidr] of [
      ["node1", "10.60.0.1/24"],
      ["node2", "10.60.0.2/24"],
    ] as const) {
      await on(
        host,
        `docker run -d --name pinger ferry-demo/box:1 sleep 100000 && weave attach ${cidr} pinger`,
      );
    }
    await eventually(async () => {
      const { code } = await run("node1", "docker exec pinger ping -c 1 -W 1 10.60.0.2", {}, lab);
      return code === 0;
    });
    const before = await on("node2", "docker exec pinger ip -o addr show ethwe");
    await on("node1", "docker exec -d pinger sh -c 'ping -i 0.1 -c 400 10.60.0.2 >/tmp/pings'");
    await pause(2000);
    const started = performance.now();
    await weave("node2").relaunch(settings({ targets: targetsOf("node2"), nickname: "again" }));
    const took = performance.now() - started;
    const log = await eventually(async () => {
      const text = await on("node1", "docker exec pinger cat /tmp/pings");
      return /packet loss/.test(text) && text;
    });
    expect(await on("node2", "docker exec pinger ip -o addr show ethwe")).toBe(before);
    const answered = [...log.matchAll(/seq=(\d+)/g)].map((match) => Number(match[1]));
    const gaps = answered.map((seq, i) => (i === 0 ? 0 : seq - answered[i - 1]!));
    const longest = Math.max(...gaps) / 10;
    process.stdout.write(
      `relaunch: ${(took / 1000).toFixed(1)} s; longest silence between containers ${longest.toFixed(1)} s\n`,
    );
    expect(answered.at(-1)).toBeGreaterThan(390);
    // A router's own restart and the first attempts at its peers, on a busy machine.
    expect(longest).toBeLessThan(took / 1000 + 12);
  });

  test.each([0, 500, 1500])(
    "a relaunch goes on to its end when the link is lost %d ms after the router has stopped",
    async (milliseconds) => {
      const own = sshHostDirectory();
      const other = weaveOn(await own.open("node2", connection("node2")));
      const nickname = `beyond-${milliseconds}`;
      const before = await on("node2", "docker inspect -f '{{.Id}}' weave");
      const interrupted = other.relaunch(settings({ targets: targetsOf("node2"), nickname }));
      interrupted.catch(() => undefined);
      await eventually(async () => {
        const { stdout } = await run("node2", "docker ps -q --no-trunc", {}, lab);
        return !stdout.includes(before);
      });
      await pause(milliseconds);
      await own.close();
      await interrupted.catch(() => undefined);
      await eventually(async () => (await weave("node2").report())?.nickname === nickname);
      const names = () => on("node2", "docker ps -a --format '{{.Names}}'");
      await eventually(async () => !(await names()).includes("former"));
      await connected(weave("node1"), weave("node2"));
    },
  );

  test("prime whose link is lost ends in time, and its helper goes with it", async () => {
    await weave("node3").launch(settings({ electors: 5 }));
    const before = await on("node3", "docker ps -aq | sort");
    const own = sshHostDirectory();
    const other = weaveOn(await own.open("node3", connection("node3")));
    const interrupted = other.prime(15);
    interrupted.catch(() => undefined);
    await eventually(async () => (await on("node3", "docker ps -aq | sort")) !== before);
    await own.close();
    await expect(interrupted).rejects.toThrow(/node3/);
    await eventually(async () => (await on("node3", "docker ps -aq | sort")) === before, 40);
    await weave("node3").reset();
  });

  test("after a reboot all is back, also when the router had been removed", async () => {
    const wanted = settings({ targets: targetsOf("node2"), nickname: "booted" });
    const exposures = {
      expose: ["10.61.0.2/24"],
      exposeName: "node2.weave.local",
      externalNames: [{ name: "printer.weave.local", addresses: ["192.0.2.9"] }],
    };
    expect(await weave("node2").keepAtBoot(wanted, exposures)).toEqual({ launchesAtBoot: true });
    const peerName = (await weave("node2").report())?.peerName;
    await on("node2", "docker rm -f weave");
    await reboot("node2", lab);
    await eventually(
      async () =>
        (await weave("node2")
          .report()
          .catch(() => undefined)) !== undefined,
    );
    await eventually(async () => (await weave("node2").exposed()).length > 0);
    const report = await eventually(async () => {
      const now = await weave("node2").report();
      return now !== undefined && now.externalNames.length > 0 && now;
    });
    expect(report).toMatchObject({
      peerName,
      nickname: "booted",
      targets: targetsOf("node2"),
      externalNames: exposures.externalNames,
    });
    expect(await weave("node2").exposed()).toEqual(["10.61.0.2/24"]);
    expect(await weave("node2").router(password)).toMatchObject({ password: "same" });
    await connected(weave("node1"), weave("node2"));
    await eventually(async () => {
      const { code } = await run(
        "node1",
        "docker exec pinger true && weave dns-lookup node2.weave.local | grep -x 10.61.0.2",
        {},
        lab,
      );
      return code === 0;
    });
  });

  test("what somebody else set up for the boot is left alone, and told", async () => {
    await on("node3", `echo 'PEERS="a b"' >${CONF_PATH}`);
    expect(await weave("node3").keepAtBoot(settings())).toEqual({
      launchesAtBoot: false,
      reason: expect.stringContaining(
        `Host 'node3' has ${CONF_PATH} already, and it is not Ferry's`,
      ),
    });
    expect(await weave("node3").atBoot(settings())).toBe("foreign");
    await weave("node3").forgetAtBoot();
    expect(await on("node3", `cat ${CONF_PATH}; rm ${CONF_PATH}`)).toBe('PEERS="a b"');
    await on("node3", "touch /etc/systemd/system/weave.service");
    expect(await weave("node3").atBoot(settings())).toBe("foreign");
    await on("node3", "rm /etc/systemd/system/weave.service");
    expect(await weave("node3").atBoot(settings())).toBe("none");
  });

  test("an image that no registry gives is told before anything is launched", async () => {
    await expect(weave("node3").setup("0.0.1")).rejects.toThrow(
      /^Fetching Weave's images failed on host 'node3': .*\. No router was launched or stopped\./s,
    );
    await weave("node3").reset();
    await expectAsFresh("node3");
  });

  test("a fresh host joins by the boot script alone, and again", async () => {
    const script = observerBootScript(settings({ targets: [address("node1"), address("node2")] }), {
      launcher: hostProgram("weave/launcher.sh"),
    });
    const encoded = Buffer.from(script).toString("base64");
    const join = `echo ${encoded} | base64 -d >/root/join.sh && sh /root/join.sh; code=$?; rm /root/join.sh; exit $code`;
    await on("node3", join);
    await on("node3", join);
    await connected(weave("node1"), weave("node3"));
    await connected(weave("node2"), weave("node3"));
    expect(await on("node3", `systemctl is-enabled ${UNIT}; stat -c %a ${CONF_PATH}`)).toBe(
      "enabled\n600",
    );
    // What a program would launch it with is what is there: it is adopted as it runs.
    const wanted = joining(settings({ targets: [address("node1"), address("node2")] }));
    expect(await weave("node3").atBoot(wanted)).toBe("current");
    await reboot("node3", lab);
    await eventually(
      async () =>
        (await weave("node3")
          .report()
          .catch(() => undefined)) !== undefined,
    );
    await connected(weave("node1"), weave("node3"));
  });

  test("a peer that was removed while it was away does not rejoin with what it held", async () => {
    await on(
      "node3",
      "docker run -d --name holder ferry-demo/box:1 sleep 100000 && weave attach holder",
    );
    const peerName = (await weave("node3").report())!.peerName;
    const known = async () =>
      (await weave("node1").report())?.ipam?.shares.find((share) => share.peerName === peerName);
    await eventually(async () => (await known()) !== undefined);
    await weave("node3").stop();
    await eventually(async () => (await known())?.reachable === false);
    const gone = { peerName, host: "node3", since: "2020-01-01T00:00:00.000Z" };
    expect(await weave("node1").rmpeer(gone)).toBeGreaterThan(0);

    await on("node3", "docker start weave");
    const back = await eventually(() => weave("node3").report());
    const staying = async () => [
      (await weave("node1").report())!,
      (await weave("node2").report())!,
    ];
    expect(
      mustBeReset({ peerName, report: back }, await weave("node1").removedPeers(), await staying()),
    ).toEqual(gone);

    await on("node3", "docker rm -f holder");
    await weave("node3").reset({ handBack: false });
    await weave("node3").launch(joining(settings({ targets: targetsOf("node3") })));
    await connected(weave("node1"), weave("node3"));
    const now = await weave("node3").report();
    expect(mustBeReset({ peerName, report: now }, [gone], await staying())).toBeUndefined();
    expect(await known()).toBeUndefined();
    const shares = now?.ipam?.shares ?? [];
    expect(shares.reduce((sum, { addresses }) => sum + addresses, 0)).toBe(2 ** 19);
  });

  test("reset leaves each host as it was", async () => {
    await on("node1", "docker rm -f pinger");
    await on("node2", "docker rm -f pinger");
    for (const host of ["node1", "node2", "node3"]) {
      await weave(host).reset();
      await expectAsFresh(host);
    }
  });
});
