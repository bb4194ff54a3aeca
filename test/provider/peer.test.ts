import { UNKNOWN } from "../../provider/core/unknown";
import { newestConnection } from "../../provider/handlers/connections";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { weaveFixture } from "./weave-fixture";

function fixture() {
  const all = weaveFixture(3);
  const handler = peerHandler(all.context, all.options);
  const inputs = (extra: object = {}) => {
    const { inputs: checked, problems } = handler.check({}, all.peerProps("node1", extra));
    expect(problems).toEqual([]);
    return checked;
  };
  return { ...all, handler, inputs, router: all.weave("node1") };
}

describe("create", () => {
  test("launches, and says who the peer is", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    expect(id).toBe("net/node1");
    expect(outs).toEqual({
      ...inputs(),
      peerName: router.peerName,
      nickname: "node1",
      version: "2.6.5",
      proxySocket: "/var/run/weave/weave.sock",
    });
    expect(router.calls).toEqual(["setup", "launch"]);
    expect((await router.report())?.targets).toEqual(["10.0.0.2", "10.0.0.3"]);
  });

  test("has the host keep the network free of ended containers' addresses, until the peer goes", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    expect(router.linksCollected).toBe(true);
    await handler.delete(id, outs);
    expect(router.linksCollected).toBe(false);
  });

  test("says so where the host cannot do that", async () => {
    const { handler, inputs, router, reported } = fixture();
    router.hasSystemd = false;
    await handler.create(inputs());
    expect(reported).toEqual([
      "Host 'node1' has no systemd.",
      expect.stringContaining("Host 'node1' has no systemd: a container that Docker restarts"),
    ]);
  });

  test("adopts a router that runs with the same settings, and touches nothing", async () => {
    const { handler, inputs, router } = fixture();
    const { outs } = await handler.create(inputs({ password: "open sesame" }));
    expect((await handler.create(inputs({ password: "open sesame" }))).outs).toEqual(outs);
    expect(router.calls).toEqual(["setup", "launch"]);
  });

  test("adopts a router that dials others, and makes it dial the right ones", async () => {
    const { handler, inputs, router } = fixture();
    await handler.create(inputs({ targets: ["10.0.0.2", "10.0.0.9"] }));
    await handler.create(inputs());
    expect(router.calls).toEqual(["setup", "launch", "connect", "forget"]);
    expect((await router.report())?.targets).toEqual(["10.0.0.2", "10.0.0.3"]);
  });

  test("launches again a router that was stopped", async () => {
    const { handler, inputs, router } = fixture();
    await handler.create(inputs());
    await router.stop();
    await handler.create(inputs());
    expect(router.calls).toEqual(["setup", "launch", "stop", "setup", "launch"]);
  });

  test.each([
    [
      "another range",
      { ipallocRange: "10.96.0.0/12" },
      "ipallocRange is 10.32.0.0/13, not 10.96.0.0/12",
    ],
    ["a password", { password: "open sesame" }, "password is none, not the one given"],
    ["no discovery", { discovery: false }, "discovery is true, not false"],
  ])("a router that runs without %s is left alone", async (_what, extra, reason) => {
    const { handler, inputs, router } = fixture();
    await handler.create(inputs());
    await expect(handler.create(inputs(extra))).rejects.toThrow(
      `Weave already runs on host 'node1' with other settings: ${reason}. Give the program the same settings`,
    );
    expect(router.calls).toEqual(["setup", "launch"]);
  });

  test("a router that is another peer is left alone", async () => {
    const { handler, inputs, router } = fixture();
    await handler.create(inputs());
    const attempt = handler.create(inputs({ peerName: "02:00:00:00:00:07" }));
    await expect(attempt).rejects.toThrow(
      `The router on host 'node1' is the peer ${router.peerName}, and the program calls it 02:00:00:00:00:07. A peer holds its share`,
    );
    expect(router.calls).toEqual(["setup", "launch"]);
  });

  test("a host without the weave command is refused", async () => {
    const { handler, inputs, router } = fixture();
    router.commandVersion = undefined;
    await expect(handler.create(inputs())).rejects.toThrow(
      /^The weave command is not on host 'node1'/,
    );
  });

  test("a router that runs and never answers is told after a while", async () => {
    const { handler, inputs, router, elapsedSeconds } = fixture();
    router.report = () => Promise.resolve(undefined);
    await expect(handler.create(inputs())).rejects.toThrow(/'node1' runs, but has not answered/);
    expect(router.calls).toEqual(["setup", "launch"]);
    expect(elapsedSeconds()).toBe(30);
  });
});

describe("update", () => {
  test("changes targets without a relaunch, and a further time not at all", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    const changed = await handler.update(id, outs, inputs({ targets: ["10.0.0.3", "10.0.0.4"] }));
    expect(changed.targets).toEqual(["10.0.0.3", "10.0.0.4"]);
    await handler.update(id, outs, inputs({ targets: ["10.0.0.3", "10.0.0.4"] }));
    expect(router.calls).toEqual(["setup", "launch", "connect", "forget"]);
  });

  test.each([
    ["a flag", { extraFlags: ["--log-level=debug"] }],
    ["the password", { password: "open sesame" }],
    ["the range", { ipallocRange: "10.96.0.0/12" }],
  ])("launches anew for %s, as the same peer", async (_what, extra) => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    const changed = await handler.update(id, outs, inputs(extra));
    expect(router.calls).toEqual(["setup", "launch", "setup", "relaunch"]);
    expect(changed.peerName).toBe(outs.peerName);
  });

  test("a name that the program no longer gives is kept, since the range is held by it", async () => {
    const { handler, inputs } = fixture();
    const { id, outs } = await handler.create(inputs({ peerName: "02:00:00:00:00:07" }));
    const changed = await handler.update(id, outs, inputs({ mtu: 1300 }));
    expect(changed.peerName).toBe("02:00:00:00:00:07");
  });

  test("a number of electors or a connection that changed touches no router", async () => {
    const { handler, inputs, router, connection } = fixture();
    const { id, outs } = await handler.create(inputs());
    const rotated = { ...connection("node1"), privateKey: "rotated" };
    await handler.update(id, outs, inputs({ electors: 5, connection: rotated }));
    expect(router.calls).toEqual(["setup", "launch"]);
  });

  test("that was interrupted between stop and launch is finished by the next", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    await router.stop();
    await handler.update(id, outs, inputs({ mtu: 1300 }));
    expect(router.calls).toEqual(["setup", "launch", "stop", "setup", "launch"]);
    expect((await router.router())?.settings.mtu).toBe(1300);
  });
});

describe("read", () => {
  test("says nothing of inputs when nothing drifted", async () => {
    const { handler, inputs } = fixture();
    const { id, outs } = await handler.create(
      inputs({ password: "open sesame", nickname: "alpha" }),
    );
    expect(await handler.read(id, outs)).toEqual({ outs });
  });

  test("shows drifted targets and settings as inputs that differ", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs({ password: "open sesame" }));
    await router.forget(["10.0.0.3"]);
    expect((await handler.read(id, outs))?.inputs).toEqual({
      ...inputs({ password: "open sesame" }),
      targets: ["10.0.0.2"],
    });
    await router.stop();
    await router.launch({
      ipallocRange: "10.32.0.0/13",
      discovery: false,
      trustedSubnets: [],
      extraFlags: ["--log-level=debug"],
      targets: ["10.0.0.2", "10.0.0.3"],
      electors: 3,
    });
    const drift = (await handler.read(id, outs))?.inputs;
    expect(drift).toEqual({ ...inputs(), discovery: false, extraFlags: ["--log-level=debug"] });
    expect(handler.check(outs, { ...drift }).problems).toEqual([]);
  });

  test("a router that has stopped shows as an input that the program does not have, and is launched again", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    await router.stop();
    const found = await handler.read(id, outs);
    expect(found).toEqual({
      inputs: { ...inputs(), running: false },
      outs: { ...outs, running: false },
    });
    expect(handler.check(found!.inputs!, { ...inputs() }).inputs).toEqual(inputs());
    expect(await handler.update(id, found!.outs, inputs())).toEqual(outs);
    expect(router.isRunning).toBe(true);
  });

  test("a collector that has died shows as an input that the program does not have, and runs again after", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    router.collectorDied = "failed (start-limit-hit)";
    const found = await handler.read(id, outs);
    expect(found?.inputs).toEqual({ ...inputs(), swept: false });
    const { inputs: news } = handler.check(found!.inputs!, { ...inputs() });
    expect(news).toEqual(inputs());
    expect(await handler.update(id, found!.outs, news)).toEqual(outs);
    expect(await router.unitsFault()).toBeUndefined();
    expect(await handler.read(id, outs)).toEqual({ outs });
  });

  test("a host that cannot sweep by itself has no drift of it", async () => {
    const { handler, inputs, router } = fixture();
    router.hasSystemd = false;
    const { id, outs } = await handler.create(inputs());
    expect(await handler.read(id, outs)).toEqual({ outs });
  });

  test.each(["restarting", "running"])(
    "a router that dies for ever (now %s) is told with its last words, and launched anew by the next up",
    async (status) => {
      const { handler, inputs, router, options } = fixture();
      const { id, outs } = await handler.create(inputs());
      const dying = { status, exitCode: 1, restarts: 12, words: "client version 1.24 is too old" };
      router.dying = dying;
      const { sleep } = options.clock;
      options.clock.sleep = async (milliseconds) => {
        await sleep(milliseconds);
        if (router.dying === undefined) return;
        router.dying = { ...router.dying, restarts: router.dying.restarts + 1 };
      };
      const found = await handler.read(id, outs);
      expect(found?.inputs).toEqual({ ...inputs(), running: false });
      router.calls.length = 0;
      expect(await handler.update(id, found!.outs, inputs())).toEqual(outs);
      expect(router.calls).toEqual(["setup", "relaunch"]);
      expect(await handler.read(id, outs)).toEqual({ outs });
    },
  );

  test("a host without any router has lost its peer", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    await router.reset();
    expect(await handler.read(id, outs)).toBeUndefined();
  });

  test("a host that does not answer keeps its state, with a warning", async () => {
    const { handler, inputs, world, reported } = fixture();
    const { id, outs } = await handler.create(inputs());
    world.setFaults("node1", { down: true });
    expect(await handler.read(id, outs)).toEqual({ outs });
    expect(reported.join()).toMatch(/'node1'.*does not answer.*is kept as it was/);
  });
});

describe("delete", () => {
  test("resets, and again is success", async () => {
    const { handler, inputs, router } = fixture();
    const { id, outs } = await handler.create(inputs());
    await handler.delete(id, outs);
    await handler.delete(id, outs);
    expect(await router.router()).toBeUndefined();
  });

  test("of a peer whose host does not answer says how to go on", async () => {
    const { handler, inputs, world } = fixture();
    const { id, outs } = await handler.create(inputs());
    world.setFaults("node1", { down: true });
    await expect(handler.delete(id, outs)).rejects.toThrow(
      /does not answer.*`pulumi state delete`.*Weave on host 'node1' was left as it is/,
    );
  });
});

describe("check", () => {
  test("keeps inputs that are equal equal, and remembers the connection", () => {
    const { handler, inputs, peerProps, connection } = fixture();
    const olds = inputs();
    expect(handler.check(olds, { ...olds }).inputs).toEqual(olds);
    const rotated = { ...connection("node1"), privateKey: "rotated for the peer" };
    handler.check(olds, peerProps("node1", { connection: rotated }));
    expect(newestConnection(olds.connection)).toEqual(rotated);
  });

  test("tells problems, and lets pass what is not known yet", () => {
    const { handler, peerProps } = fixture();
    expect(handler.check({}, peerProps("node1", { password: "short" })).problems).toHaveLength(1);
    expect(
      handler.check({}, peerProps("node1", { password: UNKNOWN, connection: UNKNOWN })).problems,
    ).toEqual([]);
  });

  test("another name is the same peer, another name that leads elsewhere is another one", () => {
    const { handler, inputs, connection } = fixture();
    const olds = { ...inputs(), connection: { ...connection("node1"), user: "ferry" } };
    const renames = (change: object) => handler.renames?.(olds, { ...inputs(), ...change });
    expect(handler.replaces).toEqual(["cluster", "host"]);
    expect(renames({})).toEqual(["cluster", "host"]);
    expect(renames({ connection: connection("node2") })).toEqual(["cluster"]);
    expect(renames({ connection: UNKNOWN as never })).toEqual(["cluster"]);
  });
});
