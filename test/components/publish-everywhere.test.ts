import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { allRegistered, inputsOf, TYPES, type Registered } from "./recorder";

const hosts = Object.fromEntries(
  ["node1", "node2"].map((name, i) => [
    name,
    { host: `192.0.2.${i + 1}`, privateKey: "KEY", hostKey: "ssh-ed25519 A" },
  ]),
);
const COMPOSE = `services:
  web: { image: shop/web, ports: ["8080:80"], scale: 2, x-ferry: { publish: everywhere, proxy: http } }
  db: { image: shop/db, ports: ["5432:5432"] }
`;

let registered: Registered[];
let ferry: typeof Ferry;
beforeEach(() => {
  ({ registered, ferry } = freshProgram());
});
afterEach(() => allRegistered(registered));

const cluster = () => new ferry.WeaveCluster("net", { hosts, password: "a secret password" });
const ports = () => inputsOf(registered, TYPES.ports)["apples-ports"];
const specOf = (replica: string) =>
  inputsOf(registered, TYPES.replica)[replica]?.["spec"] as object | undefined;

test("the file's word: a resource with ports, hosts and an address for each, and no port of the replica's", async () => {
  new ferry.Deployment("apples", { cluster: cluster(), compose: COMPOSE });
  await allRegistered(registered);
  expect(ports()).toMatchObject({
    deployment: "apples",
    image: "haproxy:lts",
    ports: ["8080 -> web:80, as HTTP"],
    publish: ["8080:10001/tcp"],
    config: expect.stringContaining("server web-1 10.40.0.") as string,
    addresses: {
      node1: expect.stringMatching(/^10\.40\.0\.\d+\/\d+$/) as string,
      node2: expect.stringMatching(/^10\.40\.0\.\d+\/\d+$/) as string,
    },
  });
  expect(specOf("apples-web-0")).not.toHaveProperty("ports");
  expect(specOf("apples-db-0")).toHaveProperty("ports");
});

test("the program's word, and its image; nothing of it where nobody asks", async () => {
  const net = cluster();
  const publish = { db: { on: "everywhere", proxy: "protocol" } } as const;
  const compose = COMPOSE.replace(/, x-ferry.*\}/, " }");
  new ferry.Deployment("apples", { cluster: net, compose, publish, proxyImage: "mirror/haproxy" });
  new ferry.Deployment("pears", { cluster: net, compose: "services: {a: {image: a}}\n" });
  await allRegistered(registered);
  expect(Object.keys(inputsOf(registered, TYPES.ports))).toEqual(["apples-ports"]);
  expect(ports()).toMatchObject({
    image: "mirror/haproxy",
    ports: ["5432 -> db:5432, with PROXY protocol"],
  });
});

test("where services are kept apart, the proxies reach those that they lead to", async () => {
  const compose =
    "services: {a: {image: a, networks: [x], ports: ['80:80']}, b: {image: b, networks: [y]}}\nnetworks: {x: , y: }";
  new ferry.Deployment("apples", { cluster: cluster(), compose, publish: { a: "everywhere" } });
  await allRegistered(registered);
  const { addresses, config } = ports() as { addresses: Record<string, string>; config: string };
  const [, a = ""] = /server a-0 ([\d.]+):80/.exec(config) ?? [];
  const proxies = Object.values(addresses).map((each) => each.split("/")[0] ?? "");
  const { rules } = inputsOf(registered, TYPES.separation)["apples-separation"] as {
    rules: string;
  };
  const group = rules.split("\n").find((line) => /^group \d+ open/.test(line) && line.includes(a));
  expect(group?.split(" ").slice(3).sort()).toEqual([a, ...proxies].sort());
});

test.each([
  [{ web: "everywhere" }, "services: {web: {image: w}}\n", /publish\.web: it has no `ports`/],
  [{ db: "everywhere" }, COMPOSE.replace("8080", "5432"), /publish\.\w+: port 5432\/tcp answers/],
] as const)("refused while the program runs: %j", (publish, compose, message) => {
  const declare = () => new ferry.Deployment("apples", { cluster: cluster(), compose, publish });
  expect(declare).toThrow(message);
});
