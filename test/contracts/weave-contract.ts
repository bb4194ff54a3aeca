import type { RouterReport } from "../../provider/core/weave/report";
import type { Weave } from "../../provider/core/weave/weave-port";
import { routerSettings, type LaunchSettings } from "../../provider/core/weave/settings";

/** Two hosts on one network, neither of which has a router yet. */
export interface WeavePair {
  readonly first: Weave;
  readonly second: Weave;
  readonly firstAddress: string;
  readonly secondAddress: string;
  readonly firstHost: string;
  readonly secondHost: string;
  /** How long to wait for routers to find one another. */
  wait(): Promise<void>;
}

/**
 * What every `Weave` keeps to, the fake and the real one. The tests build on one another, in order.
 */
export function weaveContract(pairOf: () => WeavePair): void {
  const settings = (extra: Partial<LaunchSettings> = {}): LaunchSettings => ({
    ipallocRange: "10.32.0.0/13",
    discovery: true,
    trustedSubnets: [],
    extraFlags: [],
    targets: [],
    electors: 2,
    ...extra,
  });
  const password = 'it\'s a $ecret "word"';

  test("a host without a router says so, and has a version", async () => {
    const { first } = pairOf();
    expect(await first.version()).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await first.router()).toBeUndefined();
    expect(await first.trouble()).toBeUndefined();
    expect(await first.report()).toBeUndefined();
    expect((await first.datapath()).bridge).toBe("none");
  });

  test("stop and reset succeed where there is no router", async () => {
    const { first } = pairOf();
    await first.stop();
    await first.reset();
    expect(await first.router()).toBeUndefined();
  });

  test("a launch that Weave refuses names the host and the cause", async () => {
    const { first, firstHost } = pairOf();
    const attempt = first.launch(settings({ peerName: "not-a-name" }));
    await expect(attempt).rejects.toThrow(
      new RegExp(`failed on host '${firstHost}': invalid peer name format: "not-a-name"`),
    );
    expect(await first.report()).toBeUndefined();
    await first.reset();
  });

  test("a router that was launched answers, and its settings can be read back", async () => {
    const { first, secondAddress } = pairOf();
    const asked = settings({
      peerName: "02:11:22:33:44:55",
      nickname: "alpha",
      ipallocDefaultSubnet: "10.32.4.0/24",
      dnsDomain: "example.local",
      trustedSubnets: ["10.200.0.0/16", "10.201.0.0/16"],
      mtu: 1300,
      extraFlags: ["--log-level=warning"],
      targets: [secondAddress],
      password,
    });
    await first.launch(asked);
    const report = await first.report();
    expect(report).toMatchObject({
      peerName: "02:11:22:33:44:55",
      nickname: "alpha",
      encrypted: true,
      targets: [secondAddress],
      establishedWith: [],
      ipam: { range: "10.32.0.0/13", ready: false },
      dnsDomain: "example.local",
    });
    expect(await first.router(password)).toEqual({
      status: "running",
      imageVersion: await first.version(),
      images: await first.imagesOf(),
      fastDatapath: false,
      settings: routerSettings(asked),
      password: "same",
    });
    expect((await first.router("another password"))?.password).toBe("other");
    expect((await first.router())?.password).toBe("other");
  });

  test("a second launch is refused and changes nothing", async () => {
    const { first } = pairOf();
    await expect(first.launch(settings({ nickname: "beta" }))).rejects.toThrow(/already running/);
    expect((await first.report())?.nickname).toBe("alpha");
  });

  test("targets are added and taken away, again without harm", async () => {
    const { first, secondAddress } = pairOf();
    await first.connect(["10.255.255.1"]);
    await first.connect(["10.255.255.1", secondAddress]);
    expect((await first.report())?.targets).toEqual(["10.255.255.1", secondAddress].sort());
    await first.forget(["10.255.255.1"]);
    await first.forget(["10.255.255.1"]);
    expect((await first.report())?.targets).toEqual([secondAddress]);
  });

  test("to dial again adds nobody, and needs no router", async () => {
    const { first, second, secondAddress } = pairOf();
    await first.dialAgain(["10.255.255.1", secondAddress]);
    expect((await first.report())?.targets).toEqual([secondAddress]);
    await second.dialAgain([secondAddress]);
    expect(await second.report()).toBeUndefined();
  });

  test("prime before quorum ends in time and says so", async () => {
    const { first } = pairOf();
    expect(await first.prime(2)).toBe(false);
    expect((await first.report())?.ipam?.ready).toBe(false);
  });

  test("a peer with another password is not let in, and the reason can be read", async () => {
    const { first, second, firstAddress, wait } = pairOf();
    await second.launch(settings({ targets: [firstAddress], password: "something else" }));
    await wait();
    const report = await second.report();
    expect(report?.establishedWith).toEqual([]);
    expect(report?.connections.map(({ info }) => info).join()).toMatch(
      /connection reset by peer|EOF|Unable to decrypt/,
    );
    await second.stop();
    expect((await second.router())?.status).toBe("exited");
    expect(await second.trouble()).toMatchObject({ status: "exited", restarts: 0 });
    expect(await second.report()).toBeUndefined();
    await expect(second.connect([firstAddress])).rejects.toThrow(/not running/);
    expect((await first.report())?.establishedWith).toEqual([]);
  });

  test("with the same password they connect, and prime succeeds", async () => {
    const { first, second, firstAddress, wait } = pairOf();
    await second.launch(settings({ targets: [firstAddress], password }));
    await wait();
    const names = [(await first.report())?.peerName, (await second.report())?.peerName];
    expect((await first.report())?.establishedWith).toEqual([names[1]]);
    expect((await second.report())?.establishedWith).toEqual([names[0]]);
    expect(await second.prime(30)).toBe(true);
    await wait();
    expect((await first.report())?.ipam?.ready).toBe(true);
    expect(await first.prime(5)).toBe(true);
  });

  test("images that are there need no fetching", async () => {
    const { first } = pairOf();
    expect(await first.setup()).toEqual([]);
    expect(await first.setup(await first.version())).toEqual([]);
  });

  test("a relaunch with other settings keeps name and share", async () => {
    const { second, firstAddress, wait } = pairOf();
    const before = await second.report();
    await second.relaunch(settings({ targets: [firstAddress], password, nickname: "gamma" }));
    await wait();
    const after = await second.report();
    expect(after).toMatchObject({ nickname: "gamma", peerName: before?.peerName });
    const shares = (report: RouterReport | undefined) =>
      report?.ipam?.shares.map(({ peerName, addresses }) => [peerName, addresses]);
    expect(shares(after)).toEqual(shares(before));
    expect(after?.establishedWith).toEqual(before?.establishedWith);
  });

  test("a relaunch that Weave refuses leaves the former router running", async () => {
    const { second, secondHost, firstAddress, wait } = pairOf();
    const bad = settings({ targets: [firstAddress], password, peerName: "not-a-name" });
    await expect(second.relaunch(bad)).rejects.toThrow(
      new RegExp(
        `^Launching Weave's router with other settings failed on host '${secondHost}': invalid peer name format: ` +
          '"not-a-name"\\. The router runs again with its former settings',
      ),
    );
    await wait();
    expect(await second.report()).toMatchObject({ nickname: "gamma" });
    expect((await second.report())?.establishedWith).toHaveLength(1);
    expect((await second.router(password))?.status).toBe("running");
  });

  test("the host gets addresses on the overlay, and gives them back, again without harm", async () => {
    const { first } = pairOf();
    expect(await first.exposed()).toEqual([]);
    const fixed = ["10.50.0.1/24", "10.51.0.1/24"];
    expect(await first.expose(fixed)).toEqual(fixed);
    expect(await first.expose(fixed)).toEqual(fixed);
    const [given] = await first.expose([]);
    expect(given).toMatch(/^10\.(3[2-9])\.\d+\.\d+\/\d+$/);
    expect(await first.expose([])).toEqual([given]);
    expect(await first.exposed()).toEqual([...fixed, given].sort());
    await first.hide([given!, fixed[0]!]);
    await first.hide([given!, fixed[0]!]);
    expect(await first.exposed()).toEqual([fixed[1]]);
    await first.hide([fixed[1]!]);
    expect(await first.exposed()).toEqual([]);
  });

  test("names for what is outside", async () => {
    const { first } = pairOf();
    await first.dnsAdd("printer.example.local", ["192.0.2.9", "192.0.2.10"]);
    await first.dnsAdd("printer.example.local", ["192.0.2.9"]);
    await first.dnsAdd("nas.example.local", ["192.0.2.8"]);
    expect((await first.report())?.externalNames).toEqual([
      { name: "nas.example.local", addresses: ["192.0.2.8"] },
      { name: "printer.example.local", addresses: ["192.0.2.10", "192.0.2.9"] },
    ]);
    await first.dnsRemove("printer.example.local", ["192.0.2.9"]);
    await first.dnsRemove("printer.example.local", ["192.0.2.9"]);
    await first.dnsRemove("nas.example.local", ["192.0.2.8"]);
    expect((await first.report())?.externalNames).toEqual([
      { name: "printer.example.local", addresses: ["192.0.2.10"] },
    ]);
  });

  test("the launch at boot is kept as wanted, and undone", async () => {
    const { second, firstAddress } = pairOf();
    const wanted = settings({ targets: [firstAddress], password });
    const other = { ...wanted, password: "another password" };
    const exposures = { expose: ["10.50.0.2/24"] };
    expect(await second.atBoot(wanted)).toBe("none");
    expect(await second.keepAtBoot(wanted)).toEqual({ launchesAtBoot: true });
    expect(await second.keepAtBoot(wanted)).toEqual({ launchesAtBoot: true });
    expect(await second.atBoot(wanted)).toBe("current");
    expect(await second.atBoot(other)).toBe("outdated");
    expect(await second.atBoot(wanted, exposures)).toBe("outdated");
    expect(await second.keepAtBoot(other, exposures)).toEqual({ launchesAtBoot: true });
    expect(await second.atBoot(wanted)).toBe("outdated");
    expect(await second.atBoot(other, exposures)).toBe("current");
    await second.forgetAtBoot();
    await second.forgetAtBoot();
    expect(await second.atBoot(other, exposures)).toBe("none");
  });

  test("the share of a peer that is gone is taken over once, and kept in mind", async () => {
    const { first, second, firstAddress, wait } = pairOf();
    const gone = {
      peerName: (await second.report())!.peerName,
      host: "second",
      since: "2020-01-01T00:00:00.000Z",
    };
    const share = async () => {
      const shares = (await first.report())?.ipam?.shares ?? [];
      return shares.find(({ peerName }) => peerName === gone.peerName);
    };
    const before = (await share())?.addresses ?? 0;
    expect(before).toBeGreaterThan(0);
    await second.stop();
    await wait();
    expect(await share()).toMatchObject({ reachable: false });
    expect(await first.removedPeers()).toEqual([]);
    expect(await first.rmpeer(gone)).toBe(before);
    expect(await first.rmpeer(gone)).toBe(0);
    expect(await share()).toBeUndefined();
    expect(await first.removedPeers()).toEqual([gone]);

    // It comes back as a new peer, with nothing of what it was.
    await second.reset({ handBack: false });
    await second.launch(settings({ targets: [firstAddress], password, observer: true }));
    await wait();
    expect((await first.report())?.establishedWith).toEqual([gone.peerName]);
    expect(await share()).toBeUndefined();
    await first.unmarkRemoved([gone.peerName]);
    await first.unmarkRemoved([gone.peerName]);
    expect(await first.removedPeers()).toEqual([]);
  });

  test("a router that is stopped and launched again keeps its name", async () => {
    const { second, firstAddress } = pairOf();
    const before = (await second.report())?.peerName;
    await second.stop();
    await second.launch(settings({ targets: [firstAddress], password }));
    expect((await second.report())?.peerName).toBe(before);
  });

  test("how a router came is kept in mind until it is let go, which leaves it as it is", async () => {
    const { second } = pairOf();
    const before = await second.report();
    expect(await second.origin()).toBeUndefined();
    const found = { kind: "found", targets: ["10.0.0.9"], exposed: ["10.40.255.1/24"] } as const;
    await second.noteOrigin(found);
    expect(await second.origin()).toEqual(found);
    await second.noteOrigin({ kind: "launched" });
    expect(await second.origin()).toEqual({ kind: "launched" });
    await second.keepUnits();
    await second.keepAtBoot(settings());
    await second.letGo();
    await second.letGo();
    expect(await second.origin()).toBeUndefined();
    expect(await second.atBoot(settings())).toBe("none");
    const after = await second.report();
    expect(after?.peerName).toBe(before?.peerName);
    expect(after?.targets).toEqual(before?.targets);
    await second.noteOrigin({ kind: "launched" });
  });

  test("reset leaves no router, also when it is stopped, and again", async () => {
    const { first, second } = pairOf();
    await second.stop();
    for (const weave of [first, second, second]) {
      await weave.reset();
      expect(await weave.router()).toBeUndefined();
      expect(await weave.report()).toBeUndefined();
      expect(await weave.origin()).toBeUndefined();
      expect((await weave.datapath()).bridge).toBe("none");
    }
  });

  test("a seed divides the range without anybody's agreement", async () => {
    const { first, second, firstAddress, wait } = pairOf();
    const seed = ["02:00:00:00:00:0a", "02:00:00:00:00:0b"];
    await first.launch(settings({ peerName: seed[0]!, seed, password }));
    await second.launch(settings({ peerName: seed[1]!, seed, password, targets: [firstAddress] }));
    await wait();
    for (const weave of [first, second]) {
      const ipam = (await weave.report())?.ipam;
      expect(ipam?.ready).toBe(true);
      expect(ipam?.shares.map(({ peerName, addresses }) => [peerName, addresses])).toEqual(
        seed.map((peerName) => [peerName, 2 ** 18]),
      );
    }
    for (const weave of [first, second]) await weave.reset();
  });
}
