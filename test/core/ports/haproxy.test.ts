import fc from "fast-check";
import { dnsAnswer, dnsQuestion } from "../../../provider/core/ports/dns-question";
import type { AddressedService, ProxyWord } from "../../../provider/core/ports/everywhere";
import { haproxyConfig, listenersOf } from "../../../provider/core/ports/haproxy";
import { bindingsOf } from "../../../provider/handlers/replica/published-ports";

const service = (
  label: string,
  ports: AddressedService["ports"],
  proxy?: ProxyWord,
  replicas = 2,
): AddressedService => ({
  ...{ label, dnsName: `${label}.apples.weave.local`, ports },
  ...(proxy === undefined ? {} : { proxy }),
  replicas: Array.from({ length: replicas }, (_, index) => ({
    index,
    address: `10.40.0.${index + 2}`,
  })),
});
const sectionOf = (config: string, head: string) =>
  config
    .split(/\n(?=\S)/)
    .find((each) => each.startsWith(`${head}\n`))
    ?.trim();

test("a port leads to those that are well, or to all where none is known to be", () => {
  const config = haproxyConfig("apples", [service("web", [{ hostPort: 8080, targetPort: 80 }])]);
  expect(sectionOf(config, "frontend 10001")).toBe(
    "frontend 10001\n  bind :10001\n  use_backend any:web:80 if { nbsrv(web:80) eq 0 }\n  default_backend web:80",
  );
  expect(sectionOf(config, "backend web:80")).toContain(
    "server web-1 10.40.0.3:80 track health:web:1/name",
  );
  expect(sectionOf(config, "backend any:web:80")).toBe(
    "backend any:web:80\n  server web-0 10.40.0.2:80\n  server web-1 10.40.0.3:80",
  );
  expect(sectionOf(config, "backend health:web:1")).toContain("expect binary 00040a280003");
});

test("the client's address goes along where that is wanted", () => {
  const port = [{ hostPort: 8080, targetPort: 80 }];
  const plain = haproxyConfig("apples", [service("web", port)]);
  expect(plain).not.toMatch(/forwardfor|send-proxy|mode http/);
  const http = haproxyConfig("apples", [service("web", port, "http")]);
  expect(sectionOf(http, "frontend 10001")).toContain("mode http");
  expect(sectionOf(http, "backend any:web:80")).toContain("mode http\n  option forwardfor");
  const protocol = haproxyConfig("apples", [service("web", port, "protocol")]);
  expect(protocol.match(/send-proxy-v2/g)).toHaveLength(4);
});

test("a question as DNS over TCP has it", () => {
  expect(dnsQuestion("a.bc.")).toBe(
    ["0016", "0001", "0100", "0001000000000000", "0161", "026263", "00", "0001", "0001"].join(""),
  );
  expect(dnsAnswer("10.40.0.2")).toBe("00040a280002");
});

const anyService = fc.record({
  label: fc.constantFrom("a", "b", "c", "d-e"),
  ports: fc.uniqueArray(
    fc.record({
      hostPort: fc.integer({ min: 1, max: 65535 }),
      targetPort: fc.integer({ min: 1, max: 65535 }),
      hostIp: fc.constantFrom(undefined, "127.0.0.1", "::1"),
    }),
    { minLength: 1, maxLength: 4, selector: ({ hostPort }) => hostPort },
  ),
  replicas: fc.integer({ min: 0, max: 4 }),
});
const anyServices = fc.uniqueArray(anyService, { selector: ({ label }) => label }).map((all) =>
  all.map(({ label, ports, replicas }) => {
    const said = ports.map(({ hostIp, ...port }) =>
      hostIp === undefined ? port : { ...port, hostIp },
    );
    return service(label, said, undefined, replicas);
  }),
);

test("the number of replicas changes no listener; a listener is there for each port, and read back", () => {
  fc.assert(
    fc.property(anyServices, (services) => {
      const published = listenersOf(services).map((each) => each.published);
      const scaled = services.map((each) => ({ ...each, replicas: [] }));
      expect(listenersOf(scaled).map((each) => each.published)).toEqual(published);
      const wanted = services.flatMap(({ ports }) =>
        ports.map(({ hostPort, hostIp }) => `${hostIp ?? ""} ${hostPort}`),
      );
      const found = bindingsOf(published).map(
        ({ hostPort, hostIp }) => `${hostIp ?? ""} ${hostPort}`,
      );
      expect(found.sort()).toEqual(wanted.sort());
    }),
  );
});

test("every name that settings use is declared in them, once", () => {
  fc.assert(
    fc.property(anyServices, (services) => {
      const config = haproxyConfig("apples", services);
      const heads = config.match(/^(?:frontend|backend) \S+/gm) ?? [];
      expect(new Set(heads).size).toBe(heads.length);
      const used = [
        ...[...config.matchAll(/(?:default_backend|use_backend) (\S+)/g)].map(([, name]) => name),
        ...[...config.matchAll(/ track (\S+)\/name/g)].map(([, name]) => name),
      ];
      for (const name of used) expect(heads).toContain(`backend ${name}`);
    }),
  );
});
