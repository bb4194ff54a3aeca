import { mustRun, reboot, run } from "../../lab";
import type { Props } from "../../provider/handlers/handler";
import { hostHandler } from "../../provider/handlers/host";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import { peerHandler, type PeerState } from "../../provider/handlers/weave/peer";
import { Programs } from "../../provider/handlers/programs";
import { pause, weaveLab } from "./weave-lab";

jest.setTimeout(120_000);

const { lab, names, context, warnings, connections, connection, address, weave, expectAsFresh } =
  weaveLab("weave-cluster", 3);

describe("a uniform cluster", () => {
  const peer = peerHandler(context);
  /**
   * A run of its own without a program, as `destroy` is: no peer of it is in the place of one that
   * goes.
   */
  const destroyed = (id: string, state: PeerState) =>
    peerHandler(context, { programs: new Programs() }).delete(id, state);
  const mesh = meshHandler(context);
  const states = new Map<string, PeerState>();

  const peerProps = (name: string, extra: Props = {}): Props => ({
    cluster: "net",
    host: name,
    connection: connection(name),
    targets: names.filter((other) => other !== name).map(address),
    electors: names.length,
    ipallocRange: "10.32.0.0/13",
    discovery: true,
    ...extra,
  });
  const peerInputs = (name: string, extra: Props = {}) => {
    const { inputs, problems } = peer.check({}, peerProps(name, extra));
    expect(problems).toEqual([]);
    return inputs;
  };
  const meshInputs = (timeoutSeconds: number) => {
    const { inputs, problems } = mesh.check(
      {},
      {
        cluster: "net",
        connections: connections(),
        peers: names.map((host) => ({ host, address: address(host) })),
        electors: names.length,
        timeoutSeconds,
      },
    );
    expect(problems).toEqual([]);
    return inputs;
  };
  const routerIds = () =>
    Promise.all(
      names.map((name) =>
        mustRun(name, "docker inspect -f '{{.Id}} {{.State.StartedAt}}' weave", lab),
      ),
    );

  test("hosts are looked at without being changed", async () => {
    const handler = hostHandler(context);
    for (const name of names) {
      const { inputs } = handler.check({}, { cluster: "net", name, connection: connection(name) });
      const { id, outs } = await handler.create(inputs);
      expect(id).toBe(`net/${name}`);
      expect(outs).toMatchObject({ weaveVersion: "2.6.5", hasOpenVSwitch: false });
      expect(outs.routes).toEqual(expect.arrayContaining(["172.17.0.0/16", `${lab.network}.0/24`]));
      await expectAsFresh(name);
    }
  });

  test("a host without the weave command is refused, in one sentence", async () => {
    const hidden = "The weave command is not on host 'node1' (looked in PATH and /usr/local/bin).";
    const handler = hostHandler(context);
    const { inputs } = handler.check(
      {},
      { cluster: "net", name: "node1", connection: connection("node1") },
    );
    await mustRun("node1", "mv /usr/local/bin/weave /root/weave.hidden", lab);
    try {
      await expect(peer.create(peerInputs("node1"))).rejects.toThrow(hidden);
      await expect(handler.create(inputs)).rejects.toThrow(hidden);
      await weave("node1").reset();
    } finally {
      await mustRun("node1", "mv /root/weave.hidden /usr/local/bin/weave", lab);
    }
    await expectAsFresh("node1");
  });

  test("a user with sudo does what root does", async () => {
    const ferry = { ...connection("node1"), user: "ferry" };
    const state = (
      await peer.create(
        peerInputs("node1", {
          connection: ferry,
          targets: [],
          electors: 1,
          password: "open sesame",
        }),
      )
    ).outs;
    expect(await mustRun("node1", "ps -eo args | grep -c '[o]pen sesame' || true", lab)).toBe(
      "0\n",
    );
    expect((await weave("node1").router("open sesame"))?.password).toBe("same");
    await destroyed("net/node1", state);
    await expectAsFresh("node1");
  });

  test("peers that are made at the same time find one another and agree", async () => {
    await Promise.all(
      names.map(async (name) => states.set(name, (await peer.create(peerInputs(name))).outs)),
    );
    const { outs } = await mesh.create(meshInputs(60));
    expect(new Set(Object.values(outs.peerNames)).size).toBe(names.length);
    for (const name of names) {
      const report = await weave(name).report();
      expect(report?.establishedWith).toHaveLength(names.length - 1);
      expect(report?.ipam?.ready).toBe(true);
    }
  });

  test("making them again adopts them, and touches nothing", async () => {
    const before = await routerIds();
    for (const name of names) {
      expect((await peer.create(peerInputs(name))).outs).toEqual(states.get(name));
      expect((await peer.read(`net/${name}`, states.get(name)!))?.inputs).toBeUndefined();
    }
    await mesh.create(meshInputs(30));
    expect(await routerIds()).toEqual(before);
  });

  test("other settings than those of the running router are one clear error", async () => {
    const before = await routerIds();
    const attempt = peer.create(
      peerInputs("node1", { ipallocRange: "10.96.0.0/12", password: "open sesame" }),
    );
    await expect(attempt).rejects.toThrow(
      "Weave already runs on host 'node1' with other settings: ipallocRange is 10.32.0.0/13, not 10.96.0.0/12; " +
        "password is none, not the one given. Give the program the same settings",
    );
    expect(await routerIds()).toEqual(before);
  });

  const proxied = (host: string, name: string, ip: string, more = "") =>
    mustRun(
      host,
      `docker -H unix://${states.get(host)!.proxySocket} run -d --restart always --stop-timeout 1 --name ${name} -e WEAVE_CIDR=${ip}/24 ` +
        `--hostname ${name} --domainname apples.weave.local --dns-search apples.weave.local ${more} ` +
        "ferry-demo/box:1 sleep 100000",
      lab,
    );
  const pings = async (host: string, name: string, target: string) => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const { code } = await run(host, `docker exec ${name} ping -c 1 -W 2 ${target}`, {}, lab);
      if (code === 0) return true;
      await pause(500);
    }
    return false;
  };

  test("containers reach each other by address and by name, from host to host", async () => {
    await proxied("node1", "redis", "10.40.0.2");
    await proxied("node2", "web", "10.40.0.3");
    expect(await pings("node2", "web", "10.40.0.2")).toBe(true);
    expect(await pings("node2", "web", "redis.apples.weave.local")).toBe(true);
    expect(await pings("node2", "web", "redis")).toBe(true);
    expect(await pings("node1", "redis", "web")).toBe(true);
  });

  test("address and name survive a restart and a reboot of the host", async () => {
    await mustRun("node1", "docker restart -t 1 redis", lab);
    expect(await pings("node2", "web", "redis")).toBe(true);
    await reboot("node1", lab);
    expect(await pings("node2", "web", "redis")).toBe(true);
    expect(await pings("node1", "redis", "web")).toBe(true);
    await mesh.update("net", {} as never, meshInputs(60));
    expect((await peer.read("net/node1", states.get("node1")!))?.inputs).toBeUndefined();
  });

  test("a container that Docker restarts answers for its address alone, from the first moment on", async () => {
    for (let i = 0; i < 3; i++) await mustRun("node1", "docker restart -t 1 redis", lab);
    expect(await pings("node2", "web", "redis")).toBe(true);
    const ask =
      "nsenter -t $(docker inspect -f '{{.State.Pid}}' web) -n arping -c 3 -w 4 -I ethwe 10.40.0.2";
    const { stdout } = await run("node2", ask, {}, lab);
    const answering = new Set([...stdout.matchAll(/\[([0-9A-F:]{17})\]/g)].map(([, mac]) => mac));
    expect([...answering]).toHaveLength(1);
  });

  test("targets change without a relaunch; a flag relaunches, and containers are reached again", async () => {
    const [before] = await routerIds();
    const fewer = peerInputs("node1", { targets: [address("node2")] });
    const changed = await peer.update("net/node1", states.get("node1")!, fewer);
    expect((await weave("node1").report())?.targets).toEqual([address("node2")]);
    expect((await routerIds())[0]).toBe(before);
    // What has drifted shows at a refresh, and the next update puts it right.
    const drift = await peer.read("net/node1", {
      ...changed,
      targets: states.get("node1")!.targets,
    });
    expect(drift?.inputs?.targets).toEqual([address("node2")]);

    const louder = peerInputs("node1", { extraFlags: ["--log-level=debug"] });
    states.set("node1", await peer.update("net/node1", changed, louder));
    expect((await routerIds())[0]).not.toBe(before);
    await mesh.update("net", {} as never, meshInputs(60));
    expect(await pings("node2", "web", "redis")).toBe(true);
    expect(states.get("node1")?.peerName).toBe(
      (await weave("node2").report())?.establishedWith.find(
        (each) => each === states.get("node1")?.peerName,
      ),
    );
  });

  test("a wrong password is told by the host and its cause", async () => {
    const inputs = peerInputs("node3", { password: "something else" });
    await peer.update("net/node3", states.get("node3")!, inputs);
    await expect(mesh.create(meshInputs(3))).rejects.toThrow(
      /did not all connect within 3 s: 'node1' and 'node3' are not connected \(from 'node1': failed: .*only one of the two has a password/,
    );
    states.set("node3", await peer.update("net/node3", states.get("node3")!, peerInputs("node3")));
    await mesh.create(meshInputs(60));
  });

  test("a refresh shows a router that stands still, and an unreachable host keeps its state", async () => {
    await mustRun("node3", "weave stop", lab);
    const still = await peer.read("net/node3", states.get("node3")!);
    expect(still?.inputs?.running).toBe(false);
    states.set("node3", await peer.update("net/node3", still!.outs, peerInputs("node3")));
    // A router that stood still is dialled again by the others in their own time.
    const connected = async () => (await weave("node3").report())?.establishedWith.length ?? 0;
    const deadline = Date.now() + 60_000;
    while ((await connected()) < names.length - 1 && Date.now() < deadline) await pause(500);
    expect(await connected()).toBe(names.length - 1);
    const lost = {
      ...states.get("node3")!,
      connection: { ...connection("node3"), port: 9, dialErrorLimit: 1 },
    };
    expect(await peer.read("net/node3", lost)).toEqual({ outs: lost });
    expect(warnings.at(-1)).toContain("'node3'");
    await expect(destroyed("net/node3", lost)).rejects.toThrow(/`pulumi state delete`/);
  });

  test("what is deleted leaves its host as it was", async () => {
    await mustRun("node1", "docker rm -f redis", lab);
    await mustRun("node2", "docker rm -f web", lab);
    for (const name of names) {
      await destroyed(`net/${name}`, states.get(name)!);
      await destroyed(`net/${name}`, states.get(name)!);
      await expectAsFresh(name);
    }
  });
});
