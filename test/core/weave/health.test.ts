import * as fc from "fast-check";
import {
  describeHealth,
  healthOf,
  type ClusterHealth,
  type HealthMember,
} from "../../../provider/core/weave/health";
import { plainReason } from "../../../provider/core/weave/reasons";
import type { IpamShare, PeerConnection, RouterReport } from "../../../provider/core/weave/report";

const HOSTS = ["node1", "node2", "node3"];
const address = (host: string) => `10.0.0.${host.slice(-1)}`;
const share = (host: string, reachable = true, addresses = 1000): IpamShare => ({
  peerName: `02:00:00:00:00:0${host.slice(-1)}`,
  nickname: host,
  addresses,
  reachable,
});
const nameOf = (host: string) => share(host).peerName;

const report = (host: string, more: Partial<RouterReport> = {}): RouterReport => ({
  version: "2.6.5",
  peerName: nameOf(host),
  nickname: host,
  encrypted: false,
  targets: HOSTS.filter((other) => other !== host).map(address),
  connections: [],
  establishedWith: HOSTS.filter((other) => other !== host).map(nameOf),
  ipam: { range: "10.32.0.0/13", ready: true, shares: HOSTS.map((each) => share(each)) },
  dnsDomain: "weave.local",
  externalNames: [],
  ...more,
});
const member = (host: string, more: Partial<HealthMember> = {}): HealthMember => ({
  host,
  address: address(host),
  report: report(host),
  targets: HOSTS.filter((other) => other !== host).map(address),
  ...more,
});
const attempt = (to: string, info: string, more: Partial<PeerConnection> = {}): PeerConnection => ({
  address: `${address(to)}:6783`,
  outbound: true,
  state: "failed",
  info: `${info}, retry: 2026-11-21 13:05:19.25 +0000 UTC m=+21.86`,
  ...more,
});
const without = (host: string, ...others: string[]) =>
  HOSTS.filter((other) => other !== host && !others.includes(other)).map(nameOf);
const now = "2026-11-21T13:00:00Z";
const later = "2026-11-21T14:00:00Z";
const all = () => HOSTS.map((host) => member(host));

test("a healthy cluster has nothing to say", () => {
  const health = healthOf(all(), { now });
  expect(health).toEqual({
    status: "healthy",
    problems: [],
    absent: [],
    since: now,
    peers: Object.fromEntries(
      HOSTS.map((host) => [
        host,
        { status: "healthy", unconnected: {}, ipamReady: true, problems: [] },
      ]),
    ),
  });
  expect(describeHealth("net", health)).toBeUndefined();
});

test("the time is that of the last change", () => {
  const first = healthOf(all(), { now });
  const again = healthOf(all().reverse(), { now: later, previous: first });
  expect(again).toEqual(first);
  const changed = healthOf([...all().slice(0, 2), member("node3", { report: undefined })], {
    now: later,
    previous: again,
  });
  expect(changed.since).toBe(later);
});

test("keys in another order, as Pulumi's state has them, are no change", () => {
  const first = healthOf([member("node1"), member("node2", { report: undefined })], { now });
  const turned = JSON.parse(
    JSON.stringify(first, (_key, each: unknown) =>
      typeof each === "object" && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).reverse())
        : each,
    ),
  ) as ClusterHealth;
  const again = healthOf([member("node1"), member("node2", { report: undefined })], {
    now: later,
    previous: turned,
  });
  expect(again.since).toBe(now);
});

test("a host that is gone: it is unreachable, and its share is absent", () => {
  const ipam = {
    range: "10.32.0.0/13",
    ready: true,
    shares: [share("node1", true, 2000), share("node2"), share("node3", false, 1001)],
  };
  const up = (host: string) =>
    member(host, { report: report(host, { ipam, establishedWith: without(host, "node3") }) });
  const health = healthOf(
    [
      up("node1"),
      up("node2"),
      member("node3", { report: undefined, unreachable: "SSH connection failed on ..." }),
    ],
    { now },
  );
  expect(health.status).toBe("degraded");
  expect(health.peers["node3"]?.status).toBe("unreachable");
  expect(health.absent).toEqual([{ peerName: nameOf("node3"), nickname: "node3", percent: 25 }]);
  expect(health.problems).toEqual([
    "'node3' does not answer",
    `node3 (${nameOf("node3")}) is absent and holds 25 % of Weave's range`,
  ]);
  expect(describeHealth("net", health)).toBe(
    `Cluster 'net' is degraded (seen first at ${now}): 'node3' does not answer; node3 (${nameOf("node3")}) is absent and ` +
      "holds 25 % of Weave's range.",
  );
});

test.each([
  [undefined, "no router answers on 'node2'"],
  [{ status: "exited" }, "the router on 'node2' does not run (exited)"],
  [{ status: "running" }, "the router on 'node2' runs but does not answer"],
])("a router that does not answer, with the container %j", (container, problem) => {
  const health = healthOf([member("node1"), member("node2", { report: undefined, container })], {
    now,
  });
  expect(health.peers["node2"]).toEqual({ status: "down", unconnected: {}, problems: [problem] });
});

test("no router anywhere: it is down", () => {
  const health = healthOf([member("node1", { report: undefined })], { now });
  expect(health.status).toBe("down");
});

test("both of two peers that are not connected say why, and the cluster says it once", () => {
  const members = [
    member("node1", {
      report: report("node1", {
        encrypted: true,
        establishedWith: without("node1", "node2"),
        connections: [
          attempt(
            "node2",
            "read tcp 10.0.0.1:47513->10.0.0.2:6783: read: connection reset by peer",
          ),
        ],
      }),
    }),
    member("node2", {
      report: report("node2", {
        encrypted: true,
        establishedWith: without("node2", "node1"),
        connections: [attempt("node1", "Unable to decrypt TCP msg")],
      }),
    }),
    member("node3", { report: report("node3", { encrypted: true }) }),
  ];
  const health = healthOf(members, { now });
  expect(health.peers["node1"]?.unconnected).toEqual({ node2: "their passwords differ" });
  expect(health.peers["node2"]?.unconnected).toEqual({ node1: "their passwords differ" });
  expect(health.peers["node3"]?.status).toBe("healthy");
  expect(health.problems).toEqual([
    "'node1' and 'node2' are not connected (their passwords differ)",
  ]);
});

test("between two attempts, what was said before still holds", () => {
  const withConnections = (connections: PeerConnection[]) => [
    member("node1", { report: report("node1", { establishedWith: [], connections }) }),
    member("node2", { report: report("node2", { establishedWith: [] }) }),
  ];
  const first = healthOf(
    withConnections([attempt("node2", "dial tcp :0->10.0.0.2:6783: connect: connection refused")]),
    { now },
  );
  const again = healthOf(
    withConnections([attempt("node2", "", { state: "connecting", info: "" })]),
    {
      now: later,
      previous: first,
    },
  );
  expect(again).toEqual(first);
});

test("without discovery only those who dial one another have to be connected", () => {
  const members = [
    member("node1", { report: report("node1", { establishedWith: [nameOf("node2")] }) }),
    member("node2"),
    member("node3", { report: report("node3", { establishedWith: [nameOf("node2")] }) }),
  ];
  const linked = (a: string, b: string) => a === "node2" || b === "node2";
  expect(healthOf(members, { now, linked }).status).toBe("healthy");
  expect(healthOf(members, { now }).problems).toEqual([
    "'node1' and 'node3' are not connected (not connected)",
  ]);
});

test("settings, targets, consensus, names and versions", () => {
  const health = healthOf(
    [
      member("node1", {
        differences: "mtu is 1300, not 1400",
        report: report("node1", { targets: ["10.0.0.2"] }),
      }),
      member("node2", {
        report: report("node2", {
          version: "2.8.1",
          ipam: {
            range: "10.32.0.0/13",
            ready: false,
            quorum: { needed: 2, known: 1 },
            shares: [],
          },
        }),
      }),
      member("node3", { report: report("node3", { peerName: nameOf("node1") }) }),
    ],
    { now, linked: () => false },
  );
  expect(health.problems).toEqual(
    [
      "'node1' and 'node3' are one and the same peer to Weave (02:00:00:00:00:01)",
      "'node2' does not know how Weave's range is divided: 2 electors have to agree",
      "the router on 'node1' does not dial 10.0.0.3",
      "the router on 'node1' was launched with other settings: mtu is 1300, not 1400",
      "the routers have different versions: 2.6.5 on 'node1', 'node3'; 2.8.1 on 'node2'",
    ].sort(),
  );
  expect(health.peers["node1"]?.status).toBe("degraded");
});

test("peers of other programs are nobody's problem while they are there, and absent when they are not", () => {
  const outside = (reachable: boolean) => ({
    range: "10.32.0.0/13",
    ready: true,
    shares: [...HOSTS.map((host) => share(host)), share("node9", reachable)],
  });
  const members = (reachable: boolean) =>
    HOSTS.map((host) => member(host, { report: report(host, { ipam: outside(reachable) }) }));
  expect(healthOf(members(true), { now }).status).toBe("healthy");
  expect(healthOf(members(false), { now }).absent).toEqual([
    { peerName: nameOf("node9"), nickname: "node9", percent: 25 },
  ]);
});

describe("reasons in plain words", () => {
  const plain = (info: string, encrypted: [boolean, boolean] = [false, false]) =>
    plainReason([{ info, encrypted }]);

  test.each([
    [
      "Received update for IP range I own at 10.36.0.0 v5: incoming message says owner ca:a9:53:7a:72:db v105, retry: 2026-11-21 13:05:19 +0000 UTC m=+21",
      "one of the two claims a part of Weave's range that others have taken over: it was removed, and has come back",
    ],
    ["peer names collision", "they go by the same peer name"],
    [
      "dial tcp :0->10.0.0.2:6783: connect: connection refused",
      "connection refused: no router listens there",
    ],
    [
      "dial tcp :0->10.0.0.2:6783: connect: no route to host",
      "no answer: is port 6783 (TCP, and UDP 6783-6784) open?",
    ],
    [
      "IP allocation was seeded by different peers",
      "Weave's range was divided twice, by peers that did not know of one another",
    ],
    [
      "no password specificed, but peer requested an encrypted connection",
      "only one of the two has a password",
    ],
    [
      "read tcp 10.0.0.1:47513->10.0.0.2:6783: read: connection reset by peer",
      "the connection is cut off",
    ],
    ["something new at 10.0.0.2:41000, retry: never", "something new at 10.0.0.2"],
    ["", undefined],
  ])("%s", (info, reason) => {
    expect(plain(info)).toBe(reason);
  });

  test("who has a password counts before any words", () => {
    expect(plain("EOF", [true, false])).toBe("only one of the two has a password");
    expect(plain("EOF", [true, true])).toBe(
      "one cuts the other off, as a rule because their passwords differ",
    );
  });
});

test("ports, times and the order of attempts never show", () => {
  const infos = fc.constantFrom(
    "dial tcp :0->10.0.0.2:6783: connect: connection refused",
    "read tcp 10.0.0.1:PORT->10.0.0.2:6783: read: connection reset by peer",
    "write tcp 10.0.0.1:PORT->10.0.0.2:6783: something unheard of",
  );
  const noise = fc.record({ port: fc.integer({ min: 1024, max: 65_535 }), seconds: fc.nat(999) });
  fc.assert(
    fc.property(infos, noise, noise, (info, a, b) => {
      const seen = ({ port, seconds }: { port: number; seconds: number }) =>
        healthOf(
          [
            member("node1", {
              report: report("node1", {
                establishedWith: [],
                connections: [
                  {
                    address: "10.0.0.2:6783",
                    outbound: true,
                    state: "failed",
                    info: `${info.replace("PORT", String(port))}, retry: 2026-11-21 13:05:${seconds} +0000 UTC m=+${port}.1`,
                  },
                ],
              }),
            }),
            member("node2", { report: report("node2", { establishedWith: [] }) }),
          ],
          { now },
        );
      expect(seen(a)).toEqual(seen(b));
    }),
  );
});
