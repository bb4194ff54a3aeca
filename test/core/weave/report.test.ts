import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseReport } from "../../../provider/core/weave/report";

/**
 * What a router of 2.6.5 said in a network of three with a password, less what Ferry does not read.
 */
const joined = readFileSync(join(__dirname, "reports/joined-2.6.5.json"), "utf8");

test("the report of a peer that is joined", () => {
  const report = parseReport(joined);
  expect(report).toEqual({
    version: "2.6.5",
    peerName: "1a:91:80:65:6e:5b",
    nickname: "node2",
    encrypted: true,
    targets: ["node1"],
    connections: [
      {
        address: "10.99.0.1:6783",
        outbound: true,
        state: "established",
        info: "encrypted sleeve ca:aa:6e:e8:52:f7(node1)",
      },
      {
        address: "10.99.0.3:42943",
        outbound: false,
        state: "established",
        info: "encrypted sleeve 12:86:0b:66:00:43(node3)",
      },
    ],
    establishedWith: ["12:86:0b:66:00:43", "ca:aa:6e:e8:52:f7"],
    ipam: {
      range: "10.32.0.0/12",
      ready: true,
      shares: [
        { peerName: "1a:91:80:65:6e:5b", nickname: "node2", addresses: 1, reachable: true },
        { peerName: "ca:aa:6e:e8:52:f7", nickname: "node1", addresses: 1_048_575, reachable: true },
      ],
    },
    dnsDomain: "weave.local",
    externalNames: [],
  });
  const total = report.ipam!.shares.reduce((sum, { addresses }) => sum + addresses, 0);
  expect(total).toBe(2 ** 20);
});

test("the report of a peer that waits for quorum", () => {
  const waiting = {
    Version: "2.8.1",
    Router: {
      Name: "02:00:00:00:00:01",
      NickName: "a",
      Encryption: false,
      Targets: null,
      Connections: null,
      Peers: null,
    },
    IPAM: {
      Range: "10.32.0.0/13",
      Entries: null,
      Paxos: { Elector: true, KnownNodes: 1, Quorum: 2 },
    },
    DNS: null,
  };
  expect(parseReport(JSON.stringify(waiting))).toMatchObject({
    targets: [],
    connections: [],
    establishedWith: [],
    ipam: { ready: false, quorum: { needed: 2, known: 1 }, shares: [] },
    dnsDomain: undefined,
  });
});

test("names of what is outside: the peer's own, and not those that were taken away", () => {
  const entry = (Hostname: string, Address: string, more: object = {}) => ({
    Hostname,
    Origin: "a",
    ContainerID: "weave:extern",
    Address,
    Tombstone: 0,
    ...more,
  });
  const Entries = [
    entry("printer.weave.local.", "10.0.0.9"),
    entry("nas.weave.local.", "10.0.0.8"),
    entry("printer.weave.local.", "10.0.0.10"),
    entry("gone.weave.local.", "10.0.0.7", { Tombstone: 1_700_000_000 }),
    entry("theirs.weave.local.", "10.0.0.6", { Origin: "b" }),
    entry("web.weave.local.", "10.40.0.2", { ContainerID: "0123abcd" }),
  ];
  const text = JSON.stringify({ Router: { Name: "a" }, DNS: { Domain: "weave.local.", Entries } });
  expect(parseReport(text).externalNames).toEqual([
    { name: "nas.weave.local", addresses: ["10.0.0.8"] },
    { name: "printer.weave.local", addresses: ["10.0.0.10", "10.0.0.9"] },
  ]);
});

test("what is no report", () => {
  const Connections = [
    ["2020-01-01 01:00:41.2 +0100 CET m=+9.7", 41],
    ["2019-12-31 23:59:59 +0000 UTC", 0],
    ["never", undefined],
  ].map(([retry, wait]) => ({ wait, Info: `refused, retry: ${retry}` }));
  const dials = parseReport(JSON.stringify({ Router: { Connections } }), 1577836800).connections;
  expect(dials.map(({ waitSeconds }) => waitSeconds)).toEqual(Connections.map(({ wait }) => wait));
  const withoutTime = parseReport(JSON.stringify({ Router: { Connections } })).connections;
  expect(withoutTime[0]).not.toHaveProperty("waitSeconds");
  expect(() => parseReport("<html>")).toThrow("Weave's report is not JSON");
  expect(parseReport("[]")).toMatchObject({ peerName: "", ipam: undefined });
});
