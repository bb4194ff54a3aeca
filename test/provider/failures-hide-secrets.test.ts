import fc from "fast-check";
import type { Kind } from "../../provider/core/kinds";
import { dynamicProviders } from "../../provider/handlers";

/**
 * The engine prints the value of a property that a failure of `check` names. For whatever a program
 * may say, and get wrong: no failure names a property, and none has a secret in its words.
 */

const MARK = "M4rk-of-a-secret";
const identity = { project: "shop", stack: "prod", deployment: "apples" };
const credentials = (n: number) => ({
  privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${MARK}-key-${n}\nabcdefgh\n-----END OPENSSH PRIVATE KEY-----`,
  privateKeyPassword: `${MARK}-phrase-${n}`,
  password: `${MARK}-pass-${n}`,
});
const connection = {
  host: "10.9.0.1",
  ...credentials(1),
  proxy: { host: "10.9.9.9", ...credentials(2) },
};

/** What each kind is asked for, and where in that a secret may stand. */
const KINDS: Readonly<Record<Kind, { inputs: Record<string, unknown>; secrets: string[][] }>> = {
  host: { inputs: { cluster: "net", name: "node1", connection }, secrets: [["connection"]] },
  addressPool: {
    inputs: {
      cluster: "net",
      pool: "10.40.0.0/13",
      exclude: [],
      ipallocRange: "10.32.0.0/13",
      hostRoutes: {},
      requests: [{ deployment: "apples", replicas: [{ key: "redis-0" }] }],
    },
    secrets: [["pool"], ["exclude"], ["ipallocRange"]],
  },
  separation: {
    inputs: { ...identity, rules: "subnet", connections: { node1: connection } },
    secrets: [["connections", "node1"]],
  },
  lateSubnet: {
    inputs: {
      cluster: "net",
      deployment: "pears",
      pool: "10.40.0.0/13",
      exclude: [],
      ipallocRange: "10.32.0.0/13",
      known: {},
      before: {},
      replicas: [{ key: "web-0" }],
    },
    secrets: [["pool"], ["exclude"], ["ipallocRange"]],
  },
  peer: {
    inputs: {
      cluster: "net",
      host: "node1",
      connection,
      address: "10.9.0.1",
      targets: ["10.9.0.2"],
      electors: 2,
      ipallocRange: "10.32.0.0/13",
      password: `${MARK}-weave`,
      nickname: `${MARK}-nick`,
      dnsDomain: "weave.local",
      discovery: true,
      extraFlags: [`--log-level=${MARK}`],
      trustedSubnets: ["10.0.0.0/8"],
      dnsEntries: { "printer.weave.local": "192.0.2.9" },
      expose: ["10.40.255.1/24"],
    },
    secrets: [
      "password",
      "nickname",
      "dnsDomain",
      "extraFlags",
      "trustedSubnets",
      "dnsEntries",
      "expose",
    ].map((name) => [name]),
  },
  mesh: {
    inputs: {
      cluster: "net",
      connections: { node1: connection },
      peers: [{ host: "node1", address: "10.9.0.1" }],
      electors: 1,
      timeoutSeconds: 60,
      dnsEntries: { "printer.weave.local": ["192.0.2.9"] },
    },
    secrets: [["dnsEntries"]],
  },
  volume: {
    inputs: {
      ...identity,
      key: "data",
      name: "apples_data",
      driver: "local",
      driverOptions: { o: `password=${MARK}` },
      external: false,
      deleteData: false,
      connections: { node1: connection },
      users: {},
    },
    secrets: [["driverOptions"], ["name"], ["driver"]],
  },
  upkeep: {
    inputs: {
      ...identity,
      key: "data",
      name: "apples_data",
      host: "node1",
      backup: { repository: `/srv/${MARK}`, every: "1d" },
      backupKey: { password: MARK, environment: { KEY: `${MARK}-key` } },
      connections: { node1: connection },
    },
    secrets: [["backup"], ["name"], ["host"]],
  },
  ports: {
    inputs: {
      ...identity,
      image: "haproxy:lts",
      ports: ["8080 -> web:80"],
      publish: ["8080:10001/tcp"],
      config: MARK,
      addresses: { node1: "10.40.0.9/24" },
      connections: { node1: connection },
    },
    secrets: [["config"]],
  },
  replica: {
    inputs: {
      ...identity,
      service: "redis",
      index: 0,
      host: "node1",
      suggestedHost: "node1",
      spec: {
        image: "redis:7",
        command: ["serve", `--pass=${MARK}-command`],
        entrypoint: [`${MARK}-entry`],
        labels: { token: `${MARK}-label` },
        healthcheck: { test: ["CMD", "probe", `${MARK}-health`] },
        mounts: [{ type: "bind", source: "/srv", target: `/srv/${MARK}-target` }],
      },
      environment: { PASSWORD: `${MARK}-environment` },
      volumes: {},
      ip: "10.40.0.2",
      subnet: "10.40.0.0/24",
      dnsDomain: "weave.local",
      connections: { node1: connection },
      verify: "manifest",
      healthTimeoutSeconds: 60,
      quiesce: { command: ["flush", `${MARK}-quiesce`], seconds: 5 },
      resume: `${MARK}-resume`,
      maxBandwidth: "50MB/s",
      onSourceLost: "fail",
      draining: [],
    },
    secrets: [
      ...["command", "entrypoint", "labels", "healthcheck", "mounts"].map((name) => ["spec", name]),
      ...[
        "environment",
        "quiesce",
        "resume",
        "maxBandwidth",
        "onSourceLost",
        "verify",
        "dnsDomain",
        "ip",
      ].map((name) => [name]),
    ],
  },
};

const plainWrong = fc.constantFrom<unknown>(
  "",
  "no good",
  -1,
  true,
  null,
  [],
  {},
  ["x"],
  "10.9.9.9/99",
);
const secretWrong = fc.constantFrom<unknown>(
  MARK,
  `${MARK}!`,
  `/${MARK} `,
  `10.9.9.9/${MARK}`,
  [MARK],
  [[`${MARK} x`]],
  { x: `${MARK} y` },
  { [`PASSWORD=${MARK}`]: "x" },
  { command: [], seconds: MARK },
);

const isWithin = (path: readonly string[], outer: readonly string[]) =>
  outer.every((name, i) => path[i] === name);

function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name])),
  ];
}

function put(value: unknown, [name, ...rest]: string[], wrong: unknown): unknown {
  if (name === undefined) return wrong;
  if (Array.isArray(value))
    return value.map((each: unknown, i) => (String(i) === name ? put(each, rest, wrong) : each));
  const values = value as Record<string, unknown>;
  return { ...values, [name]: put(values[name], rest, wrong) };
}

/** A fault somewhere: where a secret may stand, it is a secret that is wrong. */
const faultOf = (kind: Kind) => {
  const { inputs, secrets } = KINDS[kind];
  const all = [...secrets, ["connection"], ["connections"]];
  const places = placesIn(inputs).filter((path) => path.length > 0);
  return fc.constantFrom(...places).chain((path) => {
    const isConnection = path[0]?.startsWith("connection") === true;
    const hidden = all.some((outer) => isWithin(path, outer)) && !isConnection;
    return (hidden ? secretWrong : plainWrong).map((wrong) => ({ path, wrong }));
  });
};

const kinds = Object.keys(KINDS) as Kind[];

test.each(kinds)("no failure of a %s shows a secret", async (kind) => {
  const { inputs, secrets } = KINDS[kind];
  let failed = 0;
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  const property = fc.asyncProperty(
    fc.array(faultOf(kind), { minLength: 1, maxLength: 3 }),
    async (faults) => {
      let news: unknown = inputs;
      for (const { path, wrong } of faults) {
        if (placesIn(news).some((place) => place.join("\0") === path.join("\0")))
          news = put(news, path, wrong);
      }
      const given = { ...(news as Record<string, unknown>), secretInputs: secrets };
      const { failures = [] } = await dynamicProviders[kind]
        .check({}, given)
        .catch((error: unknown) => {
          expect(String((error as Error).stack)).not.toContain(MARK);
          return { failures: [] };
        });
      failed += failures.length;
      for (const { property: named, reason } of failures) {
        expect(named).toBe("");
        expect(reason.toLowerCase()).not.toContain(MARK.toLowerCase());
      }
    },
  );
  await fc.assert(property, { numRuns: 300 });
  expect(failed).toBeGreaterThan(0);
});
