import { parseRoutes } from "../../../provider/core/host/routes";

test("the host's own routes, without the default and without the network's bridge", () => {
  const text = `default via 10.99.0.254 dev eth0 proto dhcp metric 100
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown
10.99.0.0/24 dev eth0 proto kernel scope link src 10.99.0.1
10.32.0.0/13 dev weave proto kernel scope link src 10.32.0.1
192.0.2.7 via 10.99.0.254 dev eth0
blackhole 198.51.100.0/24
0.0.0.0/1 via 10.8.0.1 dev tun0
128.0.0.0/1 via 10.8.0.1 dev tun0
10.99.0.0/24 dev eth1 proto kernel scope link src 10.99.0.2 metric 200
`;
  expect(parseRoutes(text, ["weave"])).toEqual([
    "10.99.0.0/24",
    "172.17.0.0/16",
    "192.0.2.7/32",
    "198.51.100.0/24",
  ]);
  expect(parseRoutes("", [])).toEqual([]);
});
