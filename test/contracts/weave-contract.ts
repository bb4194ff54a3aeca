import type { Weave } from "../../provider/core/weave/port";
import { routerSettings, type LaunchSettings } from "../../provider/core/weave/settings";

/** Two hosts on one network, neither of which has a router yet. */
export interface WeavePair {
  readonly first: Weave;
  readonly second: Weave;
  readonly firstAddress: string;
  readonly secondAddress: string;
  readonly firstHost: string;
  /** How long to wait for routers to find one another. */
  settle(): Promise<void>;
}

/** What every `Weave` keeps to, the fake and the real one. The tests build on one another, in order. */
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

  test("prime before quorum ends in time and says so", async () => {
    const { first } = pairOf();
    expect(await first.prime(2)).toBe(false);
    expect((await first.report())?.ipam?.ready).toBe(false);
  });

  test("a peer with another password is not let in, and the reason can be read", async () => {
    const { first, second, firstAddress, settle } = pairOf();
    await second.launch(settings({ targets: [firstAddress], password: "something else" }));
    await settle();
    const report = await second.report();
    expect(report?.establishedWith).toEqual([]);
    expect(report?.connections.map(({ info }) => info).join()).toMatch(
      /connection reset by peer|EOF|Unable to decrypt/,
    );
    await second.stop();
    expect((await second.router())?.status).toBe("exited");
    expect(await second.report()).toBeUndefined();
    await expect(second.connect([firstAddress])).rejects.toThrow(/not running/);
    expect((await first.report())?.establishedWith).toEqual([]);
  });

  test("with the same password they connect, and prime succeeds", async () => {
    const { first, second, firstAddress, settle } = pairOf();
    await second.launch(settings({ targets: [firstAddress], password }));
    await settle();
    const names = [(await first.report())?.peerName, (await second.report())?.peerName];
    expect((await first.report())?.establishedWith).toEqual([names[1]]);
    expect((await second.report())?.establishedWith).toEqual([names[0]]);
    expect(await second.prime(30)).toBe(true);
    await settle();
    expect((await first.report())?.ipam?.ready).toBe(true);
    expect(await first.prime(5)).toBe(true);
  });

  test("a router that is stopped and launched again keeps its name", async () => {
    const { second, firstAddress } = pairOf();
    const before = (await second.report())?.peerName;
    await second.stop();
    await second.launch(settings({ targets: [firstAddress], password }));
    expect((await second.report())?.peerName).toBe(before);
  });

  test("reset leaves no router, also when it is stopped, and again", async () => {
    const { first, second } = pairOf();
    await second.stop();
    for (const weave of [first, second, second]) {
      await weave.reset();
      expect(await weave.router()).toBeUndefined();
      expect(await weave.report()).toBeUndefined();
      expect((await weave.datapath()).bridge).toBe("none");
    }
  });
}
