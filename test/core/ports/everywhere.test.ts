import type { Application, Service } from "../../../provider/core/application";
import type { ContainerSpec } from "../../../provider/core/container-spec";
import {
  publishedEverywhere,
  publishedPorts,
  publishProblems,
} from "../../../provider/core/ports/everywhere";

const service = (name: string, container: Partial<ContainerSpec>, more = {}): Service => ({
  ...{ name, container: { image: "x", ...container }, environment: {}, links: [], dependsOn: [] },
  ...{ scale: 1, ...more },
});
const file = (...services: Service[]): Application => ({
  services: Object.fromEntries(services.map((each) => [each.name, each])),
  volumes: {},
});
const tcp = (hostPort: number, hostIp?: string) => ({
  ...{ containerPort: 80, hostPort, protocol: "tcp" as const },
  ...(hostIp === undefined ? {} : { hostIp }),
});
const web = (...ports: NonNullable<ContainerSpec["ports"]>) => service("web", { ports });

test("the program's word wins over the file's", () => {
  const of = service("web", { ports: [tcp(80)] }, { publish: { on: "everywhere", proxy: "http" } });
  const words = (given = {}) => [...publishedEverywhere(file(of), given)];
  expect(words()).toEqual([["web", { on: "everywhere", proxy: "http" }]]);
  expect(words({ web: "everywhere" })).toEqual([["web", { on: "everywhere" }]]);
  expect([...publishedEverywhere(file(web(tcp(80))))]).toEqual([]);
});

test("ports as the file has them", () => {
  expect(publishedPorts(web(tcp(8080), tcp(9000, "127.0.0.1")))).toEqual([
    { hostPort: 8080, targetPort: 80 },
    { hostPort: 9000, hostIp: "127.0.0.1", targetPort: 80 },
  ]);
  expect(publishProblems(file(web(tcp(8080))), { web: "everywhere" })).toEqual([]);
});

test.each([
  ["an unknown service", web(tcp(1)), { db: "everywhere" }, /publish\.db: the file has no service/],
  ["an unknown word", web(tcp(1)), { web: "here" }, /publish\.web: is neither "everywhere"/],
  ["an unknown proxy", web(tcp(1)), { web: { on: "everywhere", proxy: "x" } }, /web\.proxy: "x"/],
  ["no ports", web(), { web: "everywhere" }, /has no `ports`/],
  [
    "UDP",
    web({ containerPort: 53, hostPort: 53, protocol: "udp" }),
    { web: "everywhere" },
    /port 53\/udp is not TCP/,
  ],
  [
    "any port of the host",
    web({ containerPort: 80, protocol: "tcp" }),
    { web: "everywhere" },
    /Write "8080:80"/,
  ],
  [
    "a range that Docker picks from",
    web({ containerPort: 80, hostPortRange: "8000-8010", protocol: "tcp" }),
    { web: "everywhere" },
    /no one port of the host/,
  ],
  [
    "the host's network",
    service("web", { ports: [tcp(80)], networkNamespace: "host" }),
    { web: "everywhere" },
    /no address of its own/,
  ],
  [
    "internal networks",
    service("web", { ports: [tcp(80)] }, { reach: { networks: ["x"], internal: true } }),
    { web: "everywhere" },
    /no network that leads out/,
  ],
])("refused: %s", (_, of, given, expected) => {
  const found = publishProblems(file(of), given as never);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
});

test("two services of one file cannot answer at one port, unless at other addresses of a host", () => {
  const other = (hostIp?: string) => service("api", { ports: [tcp(80, hostIp)] });
  const both = { web: "everywhere", api: "everywhere" } as const;
  expect(publishProblems(file(web(tcp(80)), other()), both).join()).toMatch(
    /publish\.api: port 80\/tcp answers for 'web' on every host as well/,
  );
  expect(publishProblems(file(web(tcp(80, "10.0.0.1")), other("10.0.0.2")), both)).toEqual([]);
});
