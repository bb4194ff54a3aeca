import * as fc from "fast-check";
import { machineAddress, plainAddress } from "../../provider/core/host-address";

test.each([
  ["node1", { host: "node1" }],
  [" node1.example.org ", { host: "node1.example.org" }],
  ["192.0.2.1", { host: "192.0.2.1" }],
  ["192.0.2.1:2222", { host: "192.0.2.1", port: 2222 }],
  ["node1:22", { host: "node1", port: 22 }],
  ["deploy@node1", { host: "node1", user: "deploy" }],
  ["deploy@node1:2222", { host: "node1", user: "deploy", port: 2222 }],
  ["::1", { host: "::1" }],
  ["[::1]", { host: "::1" }],
  ["[::1]:2222", { host: "::1", port: 2222 }],
  ["2001:DB8::1", { host: "2001:db8::1" }],
  ["fe80::1%eth0", { host: "fe80::1%eth0" }],
  ["[fe80::1%eth0]:22", { host: "fe80::1%eth0", port: 22 }],
  ["root@fe80::1%eth0", { host: "fe80::1%eth0", user: "root" }],
  ["::ffff:192.0.2.1", { host: "192.0.2.1" }],
  ["[::ffff:192.0.2.1]:22", { host: "192.0.2.1", port: 22 }],
  ["ssh://deploy@node1:2222", { host: "node1", user: "deploy", port: 2222 }],
  ["NODE1", { host: "node1" }],
])("%s", (host, plain) => {
  expect(plainAddress({ host })).toEqual(plain);
});

test.each([
  ["", "is neither"],
  ["node 1", "is neither"],
  ["https://node1", "is neither"],
  ["node1/x", "is neither"],
  ["192.0.2", "is neither"],
  ["192.0.2.300", "is neither"],
  ["[node1]:22", "no address of IPv6"],
  ["::g", "is neither"],
  ["node1:0", "a port that is none"],
  ["node1:70000", "a port that is none"],
  ["node1:ssh", "is neither"],
  ["@node1", "no user"],
  ["-oProxyCommand=x", "is neither"],
])("%j is refused", (host, reason) => {
  expect(plainAddress({ host })).toContain(reason);
});

test.each([
  ["deploy@192.0.2.1:2222", "192.0.2.1"],
  ["ssh://Node1.example.org", "node1.example.org"],
  ["Node1.example.org", "Node1.example.org"],
  ["no address", "no address"],
])("of %j others dial %j", (host, address) => {
  expect(machineAddress(host)).toBe(address);
});

test("what is said twice must be the same", () => {
  expect(plainAddress({ host: "a:22", port: 22 })).toEqual({ host: "a", port: 22 });
  expect(plainAddress({ host: "a:22", port: 23 })).toContain("says port 22, and `port` says 23");
  expect(plainAddress({ host: "x@a", user: "x" })).toEqual({ host: "a", user: "x" });
  expect(plainAddress({ host: "x@a", user: "y" })).toContain("another user");
});

test("what came out of it goes in again and stays the same", () => {
  const address = fc.oneof(fc.ipV6(), fc.ipV4(), fc.domain());
  fc.assert(
    fc.property(address, fc.integer({ min: 1, max: 65535 }), (host, port) => {
      const once = plainAddress({
        host: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
      });
      expect(once).toEqual({ host: expect.any(String) as string, port });
      if (typeof once !== "string") expect(plainAddress(once)).toEqual(once);
    }),
  );
});
