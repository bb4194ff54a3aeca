import type { ReplicaInputs } from "../../provider/core/replica/model";
import { JoinedHosts } from "./joined-hosts";
import { DATA, IP, MovingRedis, REPLICA } from "./moving-redis";
import { MovingWeb, WEB_IP } from "./moving-web";

const lab = new JoinedHosts("move", ["node1", "node2", "node3"]);
const redis = new MovingRedis(lab);

jest.setTimeout(300_000);

beforeAll(async () => {
  await lab.up();
});

afterAll(async () => {
  await lab.down();
});

const ODD_FILES = `set -e; cd ${DATA}; mkdir -p odd/empty odd/deep; cd odd
echo one > plain; chmod 4751 plain; chown 1234:4321 plain; touch -d '2001-02-03 04:05:06.789' plain
ln -f plain deep/hard; ln -sf ../plain deep/link; ln -sf nowhere dangling
truncate -s 64M sparse; echo tail >> sparse; mkfifo pipe; touch zero
touch "$(printf 'a\\nnew line')" "spaces and 'quotes' \\"\\$(touch x)\\""
head -c 40000000 /dev/urandom > blob; setfattr -n user.colour -v green plain; setfacl -m u:1234:r zero; chmod 1777 empty; touch -d '1999-12-31' empty deep .`;

const LISTING =
  `cd ${DATA}/odd && { find . -printf '%y %m %U:%G %s %T@ %n %l %P\\0' | sed -z 's/^\\(d [^ ]* [^ ]*\\) [0-9]*/\\1/' | sort -z | tr '\\0\\n' '~~'; } && ` +
  "getfattr -d plain && getfacl -n zero 2>/dev/null && du -k sparse && find . -samefile plain | sort && cat plain";

describe("a replica with data", () => {
  test("is created with its address, its name and its volume", async () => {
    await redis.volume.create(redis.volumeInputs());
    const created = await redis.replica.create(redis.inputs("node1"));
    redis.state = created.outs;
    expect(created.id).toBe(REPLICA);
    expect(redis.state).toMatchObject({
      host: "node1",
      ip: IP,
      dnsName: "redis.mv.weave.local",
      containerName: "mv-redis-0",
      epoch: 1,
    });
    expect(await redis.running()).toEqual(["node1"]);
    expect(await redis.cli("node1", "set mark 1")).toBe("OK");
    const labels = await lab.run(
      "node1",
      "docker inspect -f '{{json .Config.Labels}} {{.HostConfig.RestartPolicy.Name}}' mv-redis-0",
    );
    expect(labels).not.toContain("$ecret");
    expect(labels.trim()).toMatch(/always$/);
  });

  test("creating it again adopts it and touches nothing", async () => {
    const before = await lab.run(
      "node1",
      "docker inspect -f '{{.Id}} {{.State.StartedAt}}' mv-redis-0",
    );
    redis.state = (await redis.replica.create(redis.inputs("node1"))).outs;
    expect(
      await lab.run("node1", "docker inspect -f '{{.Id}} {{.State.StartedAt}}' mv-redis-0"),
    ).toBe(before);
  });

  test("keeps its address over a restart by Docker", async () => {
    await lab.run("node1", "docker restart -t 2 mv-redis-0");
    // Weave's proxy hears of the start, and attaches it in its own time.
    const ip = await lab.run(
      "node1",
      "for i in $(seq 100); do docker exec mv-redis-0 ip -4 -o addr show ethwe 2>/dev/null && exit; sleep 0.3; done; exit 1",
    );
    expect(ip).toContain(`${IP}/24`);
    expect(await redis.cli("node1", "get mark")).toBe("1");
  });

  test("moves while a client writes, and loses nothing", async () => {
    await lab.run("node1", ODD_FILES);
    const listing = await lab.run("node1", LISTING);
    const { result, lost, before, acknowledged, longestGapMs } = await redis.whileWriting(() =>
      redis.moveTo("node2"),
    );
    expect(acknowledged).toBeGreaterThan(before + 300);
    expect(lost).toBe(0);
    expect(result).toMatchObject({ from: "node1", to: "node2" });
    expect(result.downtimeMs).toBeLessThan(10_000);
    expect(longestGapMs).toBeLessThan(10_000);
    expect(lab.reported.join("\n")).toMatch(
      /mv\/redis: pre-copy round 1: 107 MB of 107 MB, [\d.]+ MB\/s\n(.*\n)*mv\/redis moved node1 -> node2: 10\d MB in \d rounds, down \S+ m?s$/,
    );
    expect(redis.state).toMatchObject({
      host: "node2",
      ip: IP,
      dnsName: "redis.mv.weave.local",
      epoch: 2,
    });
    expect(await redis.running()).toEqual(["node2"]);
    expect(await redis.cli("node2", "get mark")).toBe("1");
    expect(await lab.run("node2", LISTING)).toBe(listing);
    expect(
      await lab.run("node2", "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' mv-redis-0"),
    ).toBe("always\n");
    expect(await lab.run("node3", "weave dns-lookup redis.mv.weave.local")).toBe(`${IP}\n`);
  });

  test("leaves no key, no script and no container behind", async () => {
    for (const name of lab.names) {
      const left = await lab.run(
        name,
        "ls -d /run/ferry-[!i]* /var/lib/ferry/moves 2>/dev/null; grep -h ferry-move /root/.ssh/authorized_keys; pgrep -af 'ssh.* -F /run/[f]erry'; exit 0",
      );
      expect({ name, left }).toEqual({ name, left: "" });
    }
    expect(await lab.run("node1", "docker ps -aq --filter name=mv-redis")).toBe("");
  });

  test("goes home with a smaller copy, and has what was written away", async () => {
    const away = redis.state.lastMove!;
    await redis.cli("node2", "set mark 2");
    const home = await redis.moveTo("node1");
    expect(home.bytes).toBeLessThan(away.bytes / 100);
    expect(await redis.cli("node1", "get mark")).toBe("2");
    expect(await redis.running()).toEqual(["node1"]);
  });
});

describe("a move that cannot be", () => {
  const untouched = async (attempt: Promise<unknown>, ...words: (string | RegExp)[]) => {
    const started = () =>
      lab.run("node1", "docker inspect -f '{{.Id}} {{.State.StartedAt}}' mv-redis-0");
    const before = await started();
    const message = await attempt.then(
      () => "nothing was thrown",
      (error: unknown) => (error as Error).message,
    );
    for (const word of words) expect(message).toMatch(word);
    expect(await started()).toBe(before);
    expect(await redis.running()).toEqual(["node1"]);
  };
  const attempt = (change: Partial<ReplicaInputs>) => redis.update("node2", change);

  test("for want of room is refused, with both figures", async () => {
    // dockerd goes on with what it has open, and whoever asks for room sees a small disk.
    await lab.run("node3", "mount -t tmpfs -o size=1m tmpfs /var/lib/docker");
    try {
      await untouched(
        redis.update("node3"),
        /was refused: .*need .* on host 'node3'.*1\.0 MB are free/,
        /Nothing was changed/,
      );
    } finally {
      await lab.run("node3", "umount /var/lib/docker");
    }
  });

  test("because a port is taken is refused", async () => {
    const spec = {
      ...redis.inputs("node2").spec,
      ports: [{ containerPort: 6379, hostPort: 22, protocol: "tcp" as const }],
    };
    await untouched(
      attempt({ spec }),
      /1 port that it publishes is in use on host 'node2': 22\/tcp/,
    );
  });

  test("because somebody else's volume is there is refused", async () => {
    await lab.run("node3", "docker volume create mv_data");
    await untouched(
      redis.update("node3"),
      /Docker volume 'mv_data' is there already on host 'node3'/,
    );
    await lab.run("node3", "docker volume rm mv_data");
  });

  test("because another container uses the volume is refused before anything stops", async () => {
    await lab.run(
      "node1",
      "docker run -d --name mv-other -v mv_data:/d ferry-demo/box:1 sleep 1000",
    );
    await untouched(
      attempt({}),
      /container 'mv-other' on host 'node1' uses its volume 'mv_data' as well/,
    );
    await lab.run("node1", "docker rm -f mv-other");
  });

  test("because of a folder of the host is refused, naming it", async () => {
    const { mounts = [], ...spec } = redis.inputs("node2").spec;
    const bound = {
      ...spec,
      mounts: [...mounts, { type: "bind" as const, source: "/srv/x", target: "/x" }],
    };
    await untouched(attempt({ spec: bound }), /it may write to '\/srv\/x'/);
  });

  test("because the image is nowhere is taken back", async () => {
    const spec = { ...redis.inputs("node2").spec, image: "no.such.invalid/image:1" };
    await untouched(
      attempt({ spec }),
      /image 'no\.such\.invalid\/image:1' is on none of the hosts/,
    );
  });

  test("because it does not start on the target is taken back, with all its data", async () => {
    await redis.cli("node1", "set mark 3");
    const spec = { ...redis.inputs("node2").spec, command: ["--no-such-option", "1"] };
    const { result, lost } = await redis.whileWriting(() =>
      attempt({ spec }).then(
        () => "nothing was thrown",
        (error: unknown) => (error as Error).message,
      ),
    );
    expect(result).toMatch(
      /moving mv\/redis from host 'node1' to host 'node2' failed: its step '(start|ready)' failed: .*It wrote last: .*no-such-option/,
    );
    expect(result).toMatch(
      /It runs on host 'node1', with all its data, and nothing of the copy is left on host 'node2'/,
    );
    expect(lost).toBe(0);
    expect(await redis.running()).toEqual(["node1"]);
    expect(await redis.cli("node1", "get mark")).toBe("3");
    expect(
      await lab.run("node1", "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' mv-redis-0"),
    ).toBe("always\n");
    expect(await lab.run("node2", "docker ps -aq --filter name=mv-redis")).toBe("");
  });
});

describe("by another way", () => {
  test("hosts that do not reach each other copy through this machine", async () => {
    await lab.run("node2", "iptables -I OUTPUT -p tcp --dport 22 -j REJECT");
    const before = await lab.run("node1", LISTING);
    const { lost } = await redis.whileWriting(() =>
      redis
        .moveTo("node2", { verify: "content" })
        .finally(() => lab.run("node2", "iptables -D OUTPUT -p tcp --dport 22 -j REJECT")),
    );
    expect(lost).toBe(0);
    expect(lab.warned.join("\n")).toMatch(
      /host 'node2' does not reach host 'node1' .* its data goes through this machine/,
    );
    expect(await lab.run("node2", LISTING)).toBe(before);
  });

  test("an image that the target lacks comes from the source", async () => {
    await lab.run("node3", "docker rmi ferry-demo/redis:1");
    await redis.moveTo("node3");
    expect(await redis.running()).toEqual(["node3"]);
    expect(await redis.cli("node3", "get mark")).toBe("3");
  });

  test("a changed setting and another host are one stop", async () => {
    const spec = { ...redis.inputs("node1").spec, labels: { changed: "yes" } };
    const epoch = redis.state.epoch;
    await redis.moveTo("node1", { spec });
    expect(redis.state.epoch).toBe(epoch + 1);
    expect(
      await lab.run("node1", "docker inspect -f '{{.Config.Labels.changed}}' mv-redis-0"),
    ).toBe("yes\n");
  });

  test("a changed setting alone replaces the container where it is, and one that fails brings it back", async () => {
    redis.state = await redis.update("node1");
    expect(await redis.cli("node1", "get mark")).toBe("3");
    const broken = { ...redis.inputs("node1").spec, command: ["--no-such-option", "1"] };
    await expect(redis.update("node1", { spec: broken })).rejects.toThrow(
      /changing mv\/redis failed on host 'node1'.*The container that was there before is back/,
    );
    expect(await redis.cli("node1", "get mark")).toBe("3");
    expect(await redis.running()).toEqual(["node1"]);
  });
});

describe.each([
  ["without data", {}],
  ["behind Docker's own init", { init: true }],
])("a web server %s", (_name, spec) => {
  const web = new MovingWeb(lab);
  const CUTOVER = (from: string, to: string) =>
    new RegExp(`^web/page: cut over from ${from}: no data, runs on ${to} \\(`, "m");

  test("moves by the cutover of one command, there and back", async () => {
    await web.create("node1", spec);
    expect(await web.running()).toEqual([`node1 ${WEB_IP}/24`]);
    expect(/docker-init/.test(await web.firstProcess("node1"))).toBe("init" in spec);
    expect(await web.moveTo("node2", spec)).toMatch(CUTOVER("node1", "node2"));
    expect(web.state.lastMove).toMatchObject({ bytes: 0, rounds: 0 });
    expect(web.state.lastMove!.downtimeMs).toBeLessThan(10_000);
    expect(await web.running()).toEqual([`node2 ${WEB_IP}/24`]);
    expect(await web.ask()).toBe("served\n");
    expect(await web.moveTo("node1", spec)).toMatch(CUTOVER("node2", "node1"));
    expect(await web.running()).toEqual([`node1 ${WEB_IP}/24`]);
    expect(await web.ask()).toBe("served\n");
  });

  test("is taken back when it does not start on the target, and leaves nothing behind", async () => {
    const broken = { ...spec, command: ["/bin/false"] };
    await expect(web.moveTo("node2", broken)).rejects.toThrow(
      /its step '(start|ready)' failed: .*It runs on host 'node1'/s,
    );
    expect(await web.running()).toEqual([`node1 ${WEB_IP}/24`]);
    expect(await web.ask()).toBe("served\n");
    await web.delete();
    for (const name of lab.names) {
      const left = await lab.run(
        name,
        "docker ps -aq --filter name=web-page; ls -d /run/ferry-[!i]* /var/lib/ferry/moves 2>/dev/null; exit 0",
      );
      expect({ name, left }).toEqual({ name, left: "" });
    }
  });
});

describe("reading and deleting", () => {
  test("reading finds it, and says that it stands still", async () => {
    expect((await redis.replica.read(REPLICA, redis.state))?.inputs).toEqual(redis.inputs("node1"));
    await lab.run("node1", "docker update --restart no mv-redis-0 && docker stop mv-redis-0");
    const found = await redis.replica.read(REPLICA, { ...redis.state, host: "node2" });
    expect(found?.outs.host).toBe("node1");
    expect(found?.inputs?.containerName).toBe("mv-redis-0 (exited, restart policy)");
    redis.state = await redis.replica.update(REPLICA, found!.outs, redis.inputs("node1"));
    expect(await redis.cli("node1", "get mark")).toBe("3");
  });

  test("deleting leaves the data, then deleting the volume leaves nothing", async () => {
    await redis.replica.delete(REPLICA, redis.state);
    expect(await redis.replica.read(REPLICA, redis.state)).toBeUndefined();
    expect(await lab.run("node1", "docker volume ls -q --filter name=mv_data")).toBe("mv_data\n");
    expect(await lab.run("node2", "docker volume ls -q --filter name=mv_data")).toBe("");
    await redis.volume.delete("lab/test/mv/data", redis.volumeInputs());
    for (const name of lab.names) {
      const left = await lab.run(
        name,
        "docker ps -aq --filter name=mv-; docker volume ls -q --filter label=pulumi-ferry.volume; ls -d /var/lib/ferry/replicas 2>/dev/null; exit 0",
      );
      expect({ name, left }).toEqual({ name, left: "" });
    }
  });
});
