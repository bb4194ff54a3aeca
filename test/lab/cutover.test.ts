import { endCutover } from "../../provider/adapters/cutover/arm";
import type { ContainerSpec } from "../../provider/core/container-spec";
import { CUTOVER_DATA, CUTOVER_IP, committed, CutoverFixture } from "./cutover-fixture";
import { JoinedHosts } from "./joined-hosts";

const lab = new JoinedHosts("cut", ["node1", "node2", "node3"]);
const fixture = new CutoverFixture(lab);

jest.setTimeout(300_000);

beforeAll(async () => {
  await lab.up();
  // One program and nothing else: no shell, no library.
  for (const name of lab.names) {
    await lab.run(
      name,
      "set -e; d=$(mktemp -d); c=$(docker create ferry-demo/box:1); docker cp -q $c:/bin/busybox $d/busybox 2>/dev/null || docker cp $c:/bin/busybox $d/busybox; " +
        'docker rm $c >/dev/null; tar -C $d -c busybox | docker import -c \'ENTRYPOINT ["/busybox"]\' -c \'CMD ["httpd","-f","-p","80","-h","/data"]\' - test/bare:1 >/dev/null; rm -r $d',
    );
  }
});

afterAll(async () => {
  await lab.down();
});

afterEach(async () => {
  await fixture.clear();
});

// As the first process of a container it takes no notice of SIGTERM.
const BARE: ContainerSpec = { image: "test/bare:1", stopTimeoutSeconds: 1 };
const httpd = (spec: ContainerSpec, port = 80): ContainerSpec => ({
  ...spec,
  command: ["httpd", "-f", "-p", String(port), "-h", "/data"],
});

/**
 * What a client on a third host gets from it, which it may have to wait for a little: a restart
 * takes its time.
 */
const asked = (port = 80) =>
  lab.run(
    "node3",
    "docker -H unix:///var/run/weave/weave.sock run --rm -e WEAVE_CIDR=10.40.78.9/24 ferry-demo/node:18 " +
      `-e 'const ask = () => fetch("http://${CUTOVER_IP}:${port}/word").then((a) => a.text()); ` +
      "const again = (left) => ask().catch((e) => { if (left === 0) throw e; " +
      "return new Promise((r) => setTimeout(r, 500)).then(() => again(left - 1)); }); " +
      "again(60).then((a) => process.stdout.write(a))'",
  );
const mutes = (host: string) =>
  lab.run(
    host,
    "ebtables -L 2>/dev/null | grep -c -e vethwe-bridge -e FERRY; ls /run/ferry-veil-* 2>/dev/null; true",
  );
const left = async (host: string) =>
  (await mutes(host)) +
  (await lab.run(
    host,
    "ls /var/lib/docker/volumes/pulumi-ferry-gate/_data/hold 2>/dev/null || true",
  ));

const IMAGES: [string, ContainerSpec, number][] = [
  ["without a shell", BARE, 80],
  ["without a shell, with a command of the program's own", httpd(BARE, 81), 81],
  [
    "with an entry point of the program's own",
    {
      image: "ferry-demo/box:1",
      entrypoint: ["/bin/httpd", "-f"],
      command: ["-p", "82", "-h", "/data"],
    },
    82,
  ],
  [
    "with an entry point that leaves the image's command out",
    { ...BARE, entrypoint: ["/busybox", "httpd", "-f", "-h", "/data", "-p", "83"] },
    83,
  ],
  ["for a user that is not root", { ...httpd(BARE, 8084), user: "1234:1234" }, 8084],
  ["behind Docker's own init", { ...httpd(BARE, 86), init: true }, 86],
  ["on a root that is read-only", { ...httpd(BARE, 85), readOnly: true }, 85],
  [
    "without any capability",
    { ...httpd(BARE, 8087), capDrop: ["ALL"], securityOpt: ["no-new-privileges"] },
    8087,
  ],
];

describe("a program", () => {
  test.each(IMAGES)("%s moves, and restarts as any other after", async (_name, spec, port) => {
    await fixture.begin(spec);
    await lab.run("node1", `printf 'at first' > ${CUTOVER_DATA}/word`);
    const { outcome, replica } = await fixture.cutOver({
      spec,
      armed: async () => {
        await lab.run("node1", `printf 'at last' > ${CUTOVER_DATA}/word`);
      },
    });
    committed(outcome);
    expect(await asked(port)).toBe("at last");
    expect(await fixture.running()).toEqual(["node2"]);
    expect(await fixture.journal("node1", replica)).toBe("committed\n");
    expect(await fixture.journal("node2", replica)).toBe("home\n");
    expect(await left("node2")).toBe("0\n");
    await lab.run("node2", "docker restart -t 1 cut-it");
    expect(await asked(port)).toBe("at last");
  });

  test("gets its environment and its arguments as they were given", async () => {
    const spec = {
      image: "ferry-demo/box:1",
      command: [
        "/bin/sh",
        "-c",
        'printf "%s|%s|%s" "$WORD" "$0" "$1" > /data/word; exec /bin/httpd -f -h /data',
        "a b",
        'c"$d`\n',
      ],
    };
    await fixture.begin(spec);
    const said = `it's a "word" $HOME|a b|c"$d\`\n`;
    committed((await fixture.cutOver({ spec })).outcome);
    expect(await asked()).toBe(said);
  });
});

describe("a cutover that fails", () => {
  test.each([
    ["ends at once", { ...BARE, command: ["false"] }, /ready: its program ended at once/],
    ["does not listen where the source did", httpd(BARE, 99), /ready: it is not ready after 3 s/],
    [
      "has a healthcheck that does not pass",
      { ...httpd(BARE), healthcheck: { test: ["CMD", "/busybox", "false"], intervalSeconds: 60 } },
      /ready: it is not ready after 3 s/,
    ],
  ])("because the program %s is taken back by itself", async (_name, broken, reason) => {
    const old = await fixture.begin(httpd(BARE));
    await lab.run("node1", `printf 'still here' > ${CUTOVER_DATA}/word`);
    const { outcome, replica } = await fixture.cutOver({ spec: broken, patience: 3 });
    expect(outcome).toMatchObject({ kind: "failed", takenBack: true });
    expect(
      `${(outcome as { step: string }).step}: ${(outcome as { reason: string }).reason}`,
    ).toMatch(reason);
    expect(await fixture.running()).toEqual(["node1"]);
    expect(await asked()).toBe("still here");
    expect(await fixture.journal("node1", replica)).toBe("home\n");
    expect(await fixture.journal("node2", replica)).toBe("rejected\n");
    expect(await left("node2")).toBe("0\n");
    expect(
      await lab.run("node1", `docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' ${old}`),
    ).toBe("always\n");
  });

  test("because somebody else has written to the source's journal leaves the source alone", async () => {
    const spec = httpd(BARE);
    const old = await fixture.begin(spec);
    const started = () => lab.run("node1", `docker inspect -f '{{.State.StartedAt}}' ${old}`);
    const before = await started();
    const { outcome } = await fixture.cutOver({
      spec,
      armed: async () => {
        await lab.run(
          "node1",
          "d=$(cat /var/lib/ferry/moves/*/cut/directory); mkdir -p $d; echo other > $d/journal.json",
        );
      },
    });
    expect(outcome).toMatchObject({
      kind: "failed",
      step: "fence",
      reason: expect.stringMatching(/revoked/) as string,
    });
    expect(await started()).toBe(before);
    expect(await fixture.running()).toEqual(["node1"]);
  });
});

describe("a cutover whose target is out of reach", () => {
  test("is ended from its source, and nothing of it runs there when that is done", async () => {
    await fixture.begin(httpd(BARE));
    const slow = { ...httpd(BARE), healthcheck: { test: ["CMD", "/busybox", "false"] } };
    let ended = Promise.resolve<unknown>(undefined);
    const endedFromSource = async () => {
      await lab.run(
        "node2",
        "for i in $(seq 600); do grep -qs starting /var/lib/ferry/replicas/*/journal.json && break; sleep 0.1; done; sleep 0.5",
      );
      const lockFile = (await lab.run("node1", "ls /run/ferry-cut-*")).trim();
      const began = performance.now();
      const said = await endCutover(await fixture.host("node1"), lockFile);
      return { said, running: await fixture.running(), ms: performance.now() - began };
    };
    const { outcome, replica } = await fixture.cutOver({
      spec: slow,
      patience: 120,
      armed: () => {
        ended = endedFromSource();
        return Promise.resolve();
      },
    });
    const { said, running, ms } = (await ended) as Awaited<ReturnType<typeof endedFromSource>>;
    expect({ said, running }).toEqual({ said: "ended", running: [] });
    // By the target's word, long before it had to be given up for lost.
    expect(ms).toBeLessThan(20_000);
    expect(outcome).toMatchObject({ kind: "failed", step: "ready", takenBack: false });
    expect((outcome as { reason: string }).reason).toMatch(/the connection to the source was lost/);
    expect(await fixture.journal("node1", replica)).toBe("stopped\n");
    expect(await fixture.journal("node2", replica)).toBe("rejected\n");
  });

  test("which then asks may not open any more, as the source's journal says otherwise", async () => {
    const old = await fixture.begin(httpd(BARE));
    await lab.run("node1", `head -c 8M /dev/urandom > ${CUTOVER_DATA}/big`);
    const { outcome } = await fixture.cutOver({
      spec: httpd(BARE),
      armed: async () => {
        // As soon as it is stopped somebody else takes it back; the start barrier must not open
        // after that.
        await lab.run(
          "node1",
          "(d=$(cat /var/lib/ferry/moves/*/cut/directory); until grep -qs stopped $d/journal.json; do :; done; " +
            "echo home >$d/journal.json) >/dev/null 2>&1 </dev/null &",
        );
      },
    });
    expect(outcome).toMatchObject({ kind: "failed", step: "start" });
    expect((outcome as { reason: string }).reason).toMatch(/revoked/);
    expect(await fixture.running()).toEqual([]);
    await lab.run("node1", `docker start ${old}`);
  });
});

describe("copies that differ", () => {
  test("take the cutover back, and are told by what differs", async () => {
    const spec = httpd(BARE);
    await fixture.begin(spec);
    await lab.run("node1", `cd ${CUTOVER_DATA} && printf before > word && touch -d '-1 hour' word`);
    const { outcome } = await fixture.cutOver({
      spec,
      content: true,
      armed: async () => {
        await lab.run(
          "node2",
          "cd /run/ferry-move-*/ && printf 'true\\0' > rsync-all-0 && " +
            `cd ${CUTOVER_DATA} && touch -r word /tmp/time && printf behind > word && touch -r /tmp/time word && rm /tmp/time`,
        );
      },
    });
    expect(outcome).toMatchObject({ kind: "failed", step: "compare", takenBack: true });
    expect((outcome as { reason: string }).reason).toBe(
      "the copies differ: cut_data: the content of 'word' differs",
    );
    expect(await fixture.running()).toEqual(["node1"]);
  });
});

describe("a cutover whose caller is gone", () => {
  test("goes on to its end", async () => {
    const spec = httpd(BARE);
    await fixture.begin(spec);
    await lab.run("node1", `printf word > ${CUTOVER_DATA}/word`);
    const { outcome } = await fixture
      .cutOver({
        spec,
        armed: async () => {
          // Started as its caller would, which is then killed at once.
          await lab.run(
            "node2",
            "d=$(ls -d /run/ferry-move-*); h=/run/ferry-cut-gone; (setsid sh $d/script $d $h >/dev/null 2>$d/errors </dev/null & echo $! >/run/gone); " +
              "for i in $(seq 600); do [ -e $d/result ] && break; sleep 0.1; done; grep -q 'kind committed' $d/result",
          );
          // Its conversation with the source is over before the address has been announced once
          // more, which takes seconds.
          await lab.run(
            "node2",
            "while pgrep -f '[f]erry-source cut' >/run/talking; do pgrep -x arping >/dev/null || { cat /run/talking; exit 1; }; sleep 0.02; done",
          );
        },
      })
      .catch((error: unknown) => ({ outcome: error as Error }));
    // Run a second time, it finds that the source's journal has moved on, and touches nothing
    // there.
    expect(outcome).toMatchObject({ kind: "failed" });
    expect(await fixture.running()).toEqual(["node2"]);
    expect(await asked()).toBe("word");
  });
});

describe("large files that changed", () => {
  const MEBIBYTES = Number(process.env["FERRY_LAB_HEAP"] ?? 192);
  const spec = httpd(BARE);
  const sums = async (host: string) =>
    lab.run(
      host,
      `cd ${CUTOVER_DATA} && find . -type f -print0 | sort -z | xargs -0 sha256sum && stat -c '%n %a %u %y %s' heap log`,
    );

  /**
   * A heap, a log, a file that stays and a small one; they change when everything is ready for the
   * cutover.
   */
  const moved = async (armed: () => Promise<unknown>) => {
    await fixture.begin(spec);
    await lab.run(
      "node1",
      `cd ${CUTOVER_DATA} && head -c ${MEBIBYTES}M /dev/urandom > heap && head -c 48M /dev/urandom > log && cp log still && echo small > small && chown 70 heap`,
    );
    const { outcome } = await fixture.cutOver({
      spec,
      armed: async () => {
        await lab.run(
          "node1",
          `cd ${CUTOVER_DATA} && for at in 0 7 ${MEBIBYTES - 1}; do echo page | dd of=heap bs=1M seek=$at conv=notrunc status=none; done; ` +
            "echo line >> log; chmod 640 log; echo new > new; rm small; setfattr -n user.word -v it heap; sync",
        );
        await armed();
      },
    });
    return outcome;
  };
  const took = (outcome: Awaited<ReturnType<typeof moved>>, as: string) => {
    if (process.env["FERRY_LAB_HEAP"] === undefined) return;
    process.stderr.write(
      `${as}: ${MEBIBYTES} MiB: final delta ${outcome.steps["final delta"]} ms, down ${outcome.downtimeMs} ms, ${outcome.bytesCopied} bytes\n`,
    );
  };

  /** Of the one kernel that all of the lab's hosts have. */
  const traces = () =>
    lab.run(
      "node1",
      "unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing; ls /sys/kernel/tracing/instances'",
    );

  test("are watched, and arrive by those of their blocks that differ", async () => {
    let trace = "";
    const outcome = await moved(async () => {
      expect(await lab.run("node2", "cat /run/ferry-move-*/summed-0 | wc -l")).toBe("3\n");
      expect(await lab.run("node1", "cat /var/lib/ferry/moves/*/cut/watched-0 | wc -l")).toBe(
        "3\n",
      );
      const [move] = (await lab.run("node1", "ls /var/lib/ferry/moves")).trim().split("\n");
      expect(await traces()).toContain((trace = `ferry-${move}`));
    });
    expect(await traces()).not.toContain(trace);
    took(outcome, "by blocks");
    committed(outcome);
    expect(await sums("node2")).toBe(await sums("node1"));
    // What was acknowledged survives a power cut of the target: no block of it waits to be given a
    // place on the disk.
    const places = await lab.run("node2", `cd ${CUTOVER_DATA} && filefrag -v new log heap`);
    expect(places).toMatch(/extents? found/);
    expect(places).not.toContain("delalloc");
    // Three blocks of the heap, the end of the log, and the new file.
    expect(outcome.bytesCopied).toBeGreaterThan(3 * 16_384);
    expect(outcome.bytesCopied).toBeLessThan(4 * 16_384);
    expect(await lab.run("node2", `getfattr --only-values -n user.word ${CUTOVER_DATA}/heap`)).toBe(
      "it",
    );
  });

  test("arrive by rsync alone where a host has no python3", async () => {
    await lab.run("node1", "mv /usr/bin/python3 /usr/bin/python3.aside");
    try {
      const outcome = await moved(async () => {
        expect(await lab.run("node2", "ls /run/ferry-move-*/summed-0 2>/dev/null || true")).toBe(
          "",
        );
      });
      took(outcome, "by rsync");
      committed(outcome);
      expect(await sums("node2")).toBe(await sums("node1"));
    } finally {
      await lab.run("node1", "mv /usr/bin/python3.aside /usr/bin/python3");
    }
  });

  test("are rsync's when their copy is no longer what was summed", async () => {
    const outcome = await moved(() =>
      lab.run("node2", `echo astray | dd of=${CUTOVER_DATA}/heap bs=1M seek=3 conv=notrunc`),
    );
    committed(outcome);
    expect(await sums("node2")).toBe(await sums("node1"));
  });

  test("of which not all blocks arrive take the cutover back", async () => {
    const outcome = await moved(() =>
      lab.run(
        "node1",
        "sed -i 's/^        out.put((b\"F\", .*/        sys.exit(3)/' /var/lib/ferry/moves/*/blocks",
      ),
    );
    expect(outcome).toMatchObject({
      kind: "failed",
      step: "final delta",
      reason: "copying failed: the source did not send all blocks",
      takenBack: true,
    });
    expect(await fixture.running()).toEqual(["node1"]);
  });
});
