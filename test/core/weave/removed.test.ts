import * as fc from "fast-check";
import {
  mustBeReset,
  parseRemoved,
  removedText,
  type RemovedPeer,
} from "../../../provider/core/weave/removed";
import type { RouterReport } from "../../../provider/core/weave/report";

const NAME = "02:00:00:00:00:03";
const gone: RemovedPeer = { peerName: NAME, host: "node3", since: "2026-11-21T13:00:00.000Z" };
const seeing = (addresses: number, more: Partial<RouterReport> = {}): RouterReport => ({
  version: "2.6.5",
  peerName: "02:00:00:00:00:01",
  nickname: "node1",
  encrypted: false,
  targets: [],
  connections: [],
  establishedWith: [],
  ipam: {
    range: "10.32.0.0/13",
    ready: true,
    shares:
      addresses === 0 ? [] : [{ peerName: NAME, nickname: "node3", addresses, reachable: true }],
  },
  dnsDomain: "weave.local",
  externalNames: [],
  ...more,
});

test("what is kept in mind can be read back, in one order", () => {
  const peer = fc.record({ peerName: fc.string(), host: fc.string(), since: fc.string() });
  fc.assert(
    fc.property(fc.uniqueArray(peer, { selector: ({ peerName }) => peerName }), (peers) => {
      const read = parseRemoved(removedText(peers));
      expect(new Set(read)).toEqual(new Set(peers));
      expect(removedText(read)).toBe(removedText(peers.toReversed()));
    }),
  );
});

test.each([undefined, "", "{", "null", "[]", '{"peers":7}', '{"peers":[{"peerName":1}]}'])(
  "what is no such file keeps nothing in mind: %j",
  (text) => {
    expect(parseRemoved(text)).toEqual([]);
  },
);

describe("a peer that is met again", () => {
  test.each<[string, RouterReport | undefined, RemovedPeer[], RouterReport[], boolean]>([
    ["was never removed", seeing(1000), [], [seeing(0)], false],
    ["claims what others have taken over", seeing(1000), [gone], [seeing(0)], true],
    [
      "claims it while a connection stands for a moment",
      seeing(1000),
      [gone],
      [seeing(0, { establishedWith: [NAME] })],
      true,
    ],
    ["has joined anew, with no share yet", seeing(0), [gone], [seeing(0)], false],
    [
      "has joined anew, with a share that all know of",
      seeing(64),
      [gone],
      [seeing(64), seeing(0)],
      false,
    ],
    ["does not run", undefined, [gone], [seeing(0)], true],
    ["is met by nobody who could know", seeing(1000), [gone], [], true],
  ])("%s", (_what, report, removed, staying, mustReset) => {
    expect(mustBeReset({ peerName: NAME, report }, removed, staying)).toEqual(
      mustReset ? gone : undefined,
    );
  });
});
