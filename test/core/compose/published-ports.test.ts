import { web, wrong } from "./helpers";

const FORMS =
  'Write "80", "8080:80", "127.0.0.1:8080:80", "8080-8082:80-82", each with /udp or /sctp at will.';

describe("ports", () => {
  it.each<[string, object[]]>([
    ["80", [{ containerPort: 80, protocol: "tcp" }]],
    ["80/TCP", [{ containerPort: 80, protocol: "tcp" }]],
    ["0:80", [{ containerPort: 80, protocol: "tcp" }]],
    ["8080-8090:80", [{ containerPort: 80, hostPortRange: "8080-8090", protocol: "tcp" }]],
    [
      "{target: 80, published: 8080-8090, protocol: UDP}",
      [{ containerPort: 80, hostPortRange: "8080-8090", protocol: "udp" }],
    ],
    ["'8080:80'", [{ containerPort: 80, hostPort: 8080, protocol: "tcp" }]],
    ["22:22", [{ containerPort: 22, hostPort: 22, protocol: "tcp" }]],
    ["53:53/udp", [{ containerPort: 53, hostPort: 53, protocol: "udp" }]],
    ["7/sctp", [{ containerPort: 7, protocol: "sctp" }]],
    [
      "127.0.0.1:8080:80",
      [{ containerPort: 80, hostPort: 8080, hostIp: "127.0.0.1", protocol: "tcp" }],
    ],
    ["127.0.0.1::80", [{ containerPort: 80, hostIp: "127.0.0.1", protocol: "tcp" }]],
    ["'[::1]:81:80'", [{ containerPort: 80, hostPort: 81, hostIp: "::1", protocol: "tcp" }]],
    [
      "9090-9091:80-81",
      [
        { containerPort: 80, hostPort: 9090, protocol: "tcp" },
        { containerPort: 81, hostPort: 9091, protocol: "tcp" },
      ],
    ],
    [
      "3000-3001",
      [
        { containerPort: 3000, protocol: "tcp" },
        { containerPort: 3001, protocol: "tcp" },
      ],
    ],
    ["{target: 80}", [{ containerPort: 80, protocol: "tcp" }]],
    [
      "{target: 80, published: '8080', host_ip: 10.0.0.1, protocol: udp, mode: host}",
      [{ containerPort: 80, hostPort: 8080, hostIp: "10.0.0.1", protocol: "udp" }],
    ],
  ])("%s", (entry, expected) => {
    expect(web(`ports: [${entry}]`).container.ports).toEqual(expected);
  });

  it.each<[string, string]>([
    ["http", `: 'http' is not a port from 1 to 65535, nor a range. ${FORMS}`],
    ["0", `: '0' is not a port from 1 to 65535, nor a range. ${FORMS}`],
    ["65536:80", `: '65536' is not a port from 1 to 65535, nor a range. ${FORMS}`],
    ["81-80", `: '81-80' is not a port from 1 to 65535, nor a range. ${FORMS}`],
    ["80/icmp", ": 'icmp' is none of tcp, udp, sctp. Write one of them."],
    ["''", `: '' is not a port. ${FORMS}`],
    ["a:b:c:d", `: 'a:b:c:d' is not a port. ${FORMS}`],
    ["localhost:80:80", `: 'localhost' is not an IP address of a host. ${FORMS}`],
    ["1.2.3.256:80:80", `: '1.2.3.256' is not an IP address of a host. ${FORMS}`],
    [
      "8000-9000:80-82",
      ": publishes 1001 host ports for 3 of the container. Make both ranges equally long.",
    ],
    ["[80]", ": must be a text, and is a list. Write a text."],
    ["{published: 80}", ": has no `target`, the container's port."],
    ["{target: eighty}", `.target: 'eighty' is not a port from 1 to 65535, nor a range. ${FORMS}`],
    ["{target: 80, mode: global}", ".mode: 'global' is none of host, ingress. Write one of them."],
    ["{target: 80, publish: 1}", ".publish: unknown key. Did you mean 'published'?"],
    ["{target: 80, name: [web]}", ".name: must be a text, and is a list. Write a text."],
  ])("refuses %s", (entry, message) => {
    expect(wrong(`ports: [${entry}]`)).toEqual([`ports[0]${message}`]);
  });

  it.each<[string, string | undefined]>([
    ["'80:80', '80:81'", "host port 80/tcp"],
    ["'80:80', '127.0.0.1:80:81'", "host port 80/tcp"],
    ["'80-90:80-90', '0.0.0.0:85:1'", "host port 85/tcp"],
    ["80, 80", undefined],
    ["'80:80', '80:80'", undefined],
    ["'0.0.0.0:80:80', '[::]:80:80'", undefined],
    ["80, '127.0.0.1::80'", "container port 80/tcp"],
    ["'80:80', '80:80/udp'", undefined],
    ["'127.0.0.1:80:80', '127.0.0.2:80:80'", undefined],
    ["'80:80', '81:80', 80", undefined],
  ])("published twice or not: %s", (entries, what) => {
    expect(wrong(`ports: [${entries}]`)).toEqual(
      what === undefined
        ? []
        : [
            `ports[1]: publishes ${what}, as services.web.ports[0] does already. Remove one of them.`,
          ],
    );
  });

  it("checks `expose`, which changes nothing", () => {
    expect(web("expose: [80, 81-83, 53/udp]").container).toEqual({ image: "web" });
    expect(wrong("expose: ['80:80']")).toEqual([
      `expose[0]: '80:80' is not a port. Write "80", "80-82" or "53/udp".`,
    ]);
  });
});
