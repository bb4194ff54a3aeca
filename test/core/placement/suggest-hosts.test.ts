import fc from "fast-check";
import {
  suggestHosts,
  type PlacementRequest,
} from "../../../provider/core/placement/suggest-hosts";

const replica = (key: string, rest: Partial<PlacementRequest> = {}): PlacementRequest => ({
  key,
  volumes: [],
  ...rest,
});

const HOSTS = ["node1", "node2", "node3"];

describe("suggestHosts", () => {
  it("spreads replicas over the hosts, in order of their names", () => {
    const requests = ["web-0", "web-1", "web-2", "web-3"].map((key) => replica(key));
    expect(suggestHosts(requests, HOSTS)).toEqual({
      "web-0": "node1",
      "web-1": "node2",
      "web-2": "node3",
      "web-3": "node1",
    });
  });

  it("counts what the user has placed as load", () => {
    const requests = [replica("redis-0", { host: "node1" }), replica("web-0"), replica("web-1")];
    expect(suggestHosts(requests, HOSTS)).toEqual({
      "redis-0": "node1",
      "web-0": "node2",
      "web-1": "node3",
    });
  });

  it("puts replicas that share a volume on one host, the user's if there is one", () => {
    const requests = [
      replica("app-0", { volumes: ["data"] }),
      replica("backup-0", { volumes: ["data", "spool"], host: "node3" }),
      replica("sender-0", { volumes: ["spool"] }),
    ];
    expect(suggestHosts(requests, HOSTS)).toEqual({
      "app-0": "node3",
      "backup-0": "node3",
      "sender-0": "node3",
    });
  });

  it("suggests nothing without hosts", () => {
    expect(suggestHosts([replica("web-0")], [])).toEqual({});
  });

  it("places nothing on a host that is being drained, and leaves what the user has placed", () => {
    const requests = [replica("redis-0", { host: "node2" }), replica("web-0"), replica("web-1")];
    expect(suggestHosts(requests, HOSTS, ["node1"])).toEqual({
      "redis-0": "node2",
      "web-0": "node3",
      "web-1": "node2",
    });
    expect(suggestHosts([replica("web-0")], ["node1"], ["node1"])).toEqual({ "web-0": "node1" });
  });

  it("keeps together who shares volumes by way of others", () => {
    const requests = [
      replica("a-0", { volumes: ["one"] }),
      replica("b-0", { volumes: ["two"] }),
      replica("c-0", { volumes: ["one", "two"] }),
    ];
    expect(new Set(Object.values(suggestHosts(requests, HOSTS))).size).toBe(1);
  });

  const someRequests = fc
    .uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 })
    .map((numbers) =>
      numbers.map((n) => replica(`s-${n}`, n % 7 === 0 ? { volumes: [`v${n % 3}`] } : {})),
    );

  it("depends neither on the order of replicas nor on that of hosts", () => {
    fc.assert(
      fc.property(someRequests, (requests) => {
        const backwards = suggestHosts([...requests].reverse(), [...HOSTS].reverse());
        expect(backwards).toEqual(suggestHosts(requests, HOSTS));
      }),
    );
  });

  it("never leaves one host more than one replica ahead of another, when none share volumes", () => {
    fc.assert(
      fc.property(someRequests, (requests) => {
        const free = requests.map(({ key }) => replica(key));
        const hosts = Object.values(suggestHosts(free, HOSTS));
        const loads = HOSTS.map((host) => hosts.filter((each) => each === host).length);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
