import {
  duplicateNames,
  missingLinks,
  summarise,
  withoutIpam,
  wrongNames,
  type MeshMember,
} from "../../../provider/core/weave/mesh";
import type { PeerConnection, RouterReport } from "../../../provider/core/weave/report";
import { normaliseTargets, quorumOf } from "../../../provider/core/weave/topology";

const report = (peerName: string, more: Partial<RouterReport> = {}): RouterReport => ({
  version: "2.6.5",
  peerName,
  nickname: peerName,
  encrypted: false,
  targets: [],
  connections: [],
  establishedWith: [],
  ipam: { range: "10.32.0.0/13", ready: true, shares: [] },
  dnsDomain: "weave.local",
  externalNames: [],
  ...more,
});
const member = (host: string, of: RouterReport | undefined): MeshMember => ({
  host,
  address: `10.0.0.${host.slice(-1)}`,
  report: of,
});
const failed = (address: string, info: string): PeerConnection => ({
  address,
  outbound: true,
  state: "failed",
  info: `${info}, retry: 2020-01-01 00:00:00.1 +0000 UTC m=+9.77`,
});

describe("missing links", () => {
  test("none when each peer is established with each other", () => {
    const members = [
      member("node1", report("a", { establishedWith: ["b"] })),
      member("node2", report("b", { establishedWith: ["a"] })),
    ];
    expect(missingLinks(members)).toEqual([]);
    expect(missingLinks([member("node1", report("a"))])).toEqual([]);
  });

  test("none that dials the other is told as that", () => {
    const members = [member("node1", report("a")), member("node2", report("b"))];
    expect(missingLinks(members)).toEqual([
      "'node1' and 'node2' are not connected (neither dials the other)",
    ]);
  });

  test("one side alone is not enough: packets come one way only", () => {
    const members = [
      member("node1", report("a", { establishedWith: ["b"], targets: ["10.0.0.2"] })),
      member(
        "node2",
        report("b", {
          connections: [{ address: "10.0.0.1:40000", outbound: false, state: "pending", info: "" }],
        }),
      ),
    ];
    const [said] = missingLinks(members);
    expect(said).toMatch(/to 'node1' the connection stands, and to 'node2' not yet/);
    expect(said).toMatch(/6783 \(TCP\) and 6783 and 6784 \(UDP\) open in both directions/);
    expect(said).not.toContain("neither dials");
  });

  test("a router that dials and has not been answered yet is told as that", () => {
    const [one, other] = [
      member("node1", report("a", { targets: ["10.0.0.2"] })),
      member("node2", report("b")),
    ];
    expect(missingLinks([one, other])[0]).toContain("it is about to dial");
    const trying = { address: "10.0.0.2:6783", outbound: true, state: "connecting", info: "" };
    const dialling = member("node1", report("a", { connections: [trying] }));
    expect(missingLinks([dialling, other])[0]).toMatch(
      /\(connecting: its dial is under way and has no answer: is port 6783/,
    );
  });

  test("a silent router is named once, not once for each other peer", () => {
    const members = [
      member("node1", report("a", { establishedWith: ["b"] })),
      member("node2", report("b", { establishedWith: ["a"] })),
      member("node3", undefined),
    ];
    expect(missingLinks(members)).toEqual(["no router answers on 'node3'"]);
  });

  test.each([
    "no password specificed, but peer requested an encrypted connection",
    "password specified, but peer requested an unencrypted connection",
    "read tcp 10.0.0.1:51845->10.0.0.2:6783: read: connection reset by peer",
  ])("a password on one side only is told as that, whatever the router says: %s", (info) => {
    const members = [
      member("node1", report("a", { connections: [failed("10.0.0.2:6783", info)] })),
      member("node2", report("b", { encrypted: true })),
    ];
    expect(missingLinks(members)[0]).toContain("only one of the two has a password");
  });

  test.each([
    [
      "connect: connection refused",
      false,
      "does a firewall refuse port 6783 (TCP) of 'node2'? Its router runs",
    ],
    ["dial tcp: i/o timeout", false, "is port 6783 (TCP, and UDP 6783-6784) of 'node2' open?"],
    ["Unable to decrypt TCP msg", true, "their passwords differ"],
    ["read: connection reset by peer", true, "as a rule, because their passwords differ"],
  ])("the reason '%s' is explained", (info, encrypted, explanation) => {
    const members = [
      member("node1", report("a", { encrypted, connections: [failed("10.0.0.2:6783", info)] })),
      member("node2", report("b", { encrypted })),
    ];
    expect(missingLinks(members)).toEqual([
      `'node1' and 'node2' are not connected (failed: ${info}: ${explanation})`,
    ]);
  });

  test("how long a router waits is told, and of both sides what each does", () => {
    const waiting = { ...failed("10.0.0.2:6783", "dial tcp: i/o timeout"), waitSeconds: 41.2 };
    const members = [
      member("node1", report("a", { connections: [waiting] })),
      member("node2", report("b", { connections: [failed("10.0.0.1:6783", "no route")] })),
    ];
    expect(missingLinks(members)).toEqual([
      "'node1' and 'node2' are not connected (from 'node1': failed: dial tcp: i/o timeout, waits 42 s until it dials again: " +
        "is port 6783 (TCP, and UDP 6783-6784) of 'node2' open?; from 'node2': failed: no route: " +
        "is port 6783 (TCP, and UDP 6783-6784) of 'node1' open?)",
    ]);
  });

  test("the other side's attempt counts as well, and a name that was resolved", () => {
    const members = [
      { ...member("node1", report("a")), address: "node1.example" },
      member(
        "node2",
        report("b", { connections: [failed("10.9.9.9:6783", "read: connection reset by peer")] }),
      ),
    ];
    expect(missingLinks(members)).toEqual([
      "'node1' and 'node2' are not connected (failed: read: connection reset by peer)",
    ]);
  });
});

test("duplicate and wrong names", () => {
  const members = [
    member("node1", report("a")),
    member("node2", report("a")),
    member("node3", report("c")),
    member("node4", undefined),
  ];
  expect(duplicateNames(members)).toEqual([{ peerName: "a", hosts: ["node1", "node2"] }]);
  expect(duplicateNames(members.slice(1))).toEqual([]);
  expect(wrongNames(members, { node3: "d", node1: "a", node4: "e" })).toEqual([
    "the router on 'node3' is called c, not d",
  ]);
});

test("hosts that do not know how the range was divided", () => {
  const undecided = report("b", { ipam: { range: "10.32.0.0/13", ready: false, shares: [] } });
  const members = [
    member("node1", report("a")),
    member("node2", undecided),
    member("node3", undefined),
  ];
  expect(withoutIpam(members)).toEqual(["node2", "node3"]);
});

test("a long list is truncated", () => {
  expect(summarise(["a", "b"])).toBe("a; b");
  expect(summarise(["a", "b", "c", "d"], 2)).toBe("a; b; and 2 more like these");
});

describe("targets and quorum", () => {
  test("targets are in one spelling, once, and never the peer itself", () => {
    expect(normaliseTargets(["Node2", "10.0.0.1", "node2:6783"], "10.0.0.1:6783")).toEqual([
      "node2",
    ]);
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])("of %d electors, %d have to agree", (electors, quorum) => {
    expect(quorumOf(electors)).toBe(quorum);
  });
});
