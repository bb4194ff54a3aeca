import type { ContainerSpec } from "../../provider/core/container-spec";
import { CUT_DATA, CUT_IP, committed, CutFixture } from "./cut-fixture";
import { JoinedHosts } from "./joined-hosts";

const lab = new JoinedHosts("cut", ["node1", "node2", "node3"]);
const fixture = new CutFixture(lab);

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

/** What a client on a third host gets from it, which it may have to wait for a little: a restart takes its time. */
const asked = (port = 80) =>
  lab.run(
    "node3",
    "docker -H unix:///var/run/weave/weave.sock run --rm -e WEAVE_CIDR=10.40.78.9/24 ferry-demo/node:18 " +
      `-e 'const ask = () => fetch("http://${CUT_IP}:${port}/word").then((a) => a.text()); ` +
      "const again = (left) => ask().catch((e) => { if (left === 0) throw e; " +
      "return new Promise((r) => setTimeout(r, 500)).then(() => again(left - 1)); }); " +
      "again(60).then((a) => process.stdout.write(a))'",
  );
const veils = (host: string) =>
  lab.run(
    host,
    "ebtables -L 2>/dev/null | grep -c -e vethwe-bridge -e FERRY; ls /run/ferry/veil-* 2>/dev/null; true",
  );
const left = async (host: string) =>
  (await veils(host)) +
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
    await lab.run("node1", `printf 'at first' > ${CUT_DATA}/word`);
    const { outcome, replica } = await fixture.cut({
      spec,
      armed: async () => {
        await lab.run("node1", `printf 'at last' > ${CUT_DATA}/word`);
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
    committed((await fixture.cut({ spec })).outcome);
    expect(await asked()).toBe(said);
  });
});

describe("a cut that fails", () => {
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
    await lab.run("node1", `printf 'still here' > ${CUT_DATA}/word`);
    const { outcome, replica } = await fixture.cut({ spec: broken, patience: 3 });
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
    const { outcome } = await fixture.cut({
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

describe("a cut whose caller is gone", () => {
  test("goes on to its end", async () => {
    const spec = httpd(BARE);
    await fixture.begin(spec);
    await lab.run("node1", `printf word > ${CUT_DATA}/word`);
    const { outcome } = await fixture
      .cut({
        spec,
        armed: async () => {
          // Started as its caller would, which is then killed at once.
          await lab.run(
            "node2",
            "d=$(ls -d /run/ferry-move-*); h=/run/ferry/cut-gone; (setsid sh $d/script $d $h >/dev/null 2>$d/errors </dev/null & echo $! >/run/gone); " +
              "for i in $(seq 600); do [ -e $d/result ] && break; sleep 0.1; done; grep -q 'kind committed' $d/result",
          );
        },
      })
      .catch((error: unknown) => ({ outcome: error as Error }));
    // Run a second time, it finds that the source's journal has moved on, and touches nothing there.
    expect(outcome).toMatchObject({ kind: "failed" });
    expect(await fixture.running()).toEqual(["node2"]);
    expect(await asked()).toBe("word");
  });
});
