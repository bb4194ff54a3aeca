import { problems, web, wrong } from "./helpers";

describe("links", () => {
  it.each<[string, object[]]>([
    ["[db]", [{ service: "db", alias: "db" }]],
    [
      "['db:redis', db]",
      [
        { service: "db", alias: "redis" },
        { service: "db", alias: "db" },
      ],
    ],
  ])("%s", (value, expected) => {
    expect(web(`links: ${value}`).links).toEqual(expected);
  });

  it.each<[string, string]>([
    ["dbb", "links to 'dbb', and there is no such service. Did you mean 'db'?"],
    ["mysql", "links to 'mysql', and there is no such service."],
    ["web", "links to itself. Remove it."],
    ["'a:b:c'", `'a:b:c' is not a link. Write "service" or "service:alias".`],
    [
      "'db:my_db'",
      "the alias in 'db:my_db' is not a DNS label: lower-case letters, digits and inner '-', 63 at most.",
    ],
    ["'db:web'", "the alias in 'db:web' is the name of a service. Use another alias."],
  ])("refuses %s", (link, message) => {
    expect(wrong(`links: [${link}]`)).toEqual([`links[0]: ${message}`]);
  });

  it("gives a name once", () => {
    expect(wrong("links: ['db:a', 'db:a']")).toEqual([
      "links[1]: the alias in 'db:a' is taken by services.web.links[0]. Use another alias.",
    ]);
  });

  it("may go in a circle, as names are looked up when they are needed", () => {
    expect(problems("a: {image: a, links: [b]}\nb: {image: b, links: [a]}")).toEqual([]);
  });
});

describe("depends_on", () => {
  it.each<[string, object[]]>([
    ["[db]", [{ service: "db", condition: "started" }]],
    ["{db: {condition: service_started}}", [{ service: "db", condition: "started" }]],
    ["{db: {condition: service_healthy}}", [{ service: "db", condition: "healthy" }]],
    ["{gone: {condition: service_started, required: false}}", []],
  ])("%s", (value, expected) => {
    expect(web(`depends_on: ${value}`).dependsOn).toEqual(expected);
  });

  it.each<[string, string]>([
    ["[d]", "[0]: depends on 'd', and there is no such service. Did you mean 'db'?"],
    ["[web]", "[0]: depends on itself. Remove it."],
    ["[db, db]", "[1]: names 'db' a second time. Keep one of them."],
    ["db", ": must be a list, and is a text."],
    ["{db: }", ".db: has no `condition`."],
    ["{db: {condition: healthy}}", ".db.condition: must be service_started or service_healthy."],
    [
      "{db: {condition: service_completed_successfully}}",
      ".db.condition: Ferry runs services that stay up, and has no jobs to wait for. Run it beforehand.",
    ],
    [
      "{db: {condition: service_started, restart: true}}",
      ".db.restart: not supported: a dependent keeps running while Ferry moves or restarts what it uses. Remove it.",
    ],
  ])("refuses %s", (value, message) => {
    expect(wrong(`depends_on: ${value}`)).toEqual([`depends_on${message}`]);
  });

  it.each([
    ["a", "b", "c", "d"],
    ["d", "c", "b", "a"],
    ["c", "a", "d", "b"],
  ])("names the same circle in any order of services: %s %s %s %s", (...order) => {
    const on: Record<string, string> = { a: "b", b: "c", c: "d", d: "b" };
    const text = order.map((name) => `${name}: {image: x, depends_on: [${on[name]}]}`).join("\n");
    expect(problems(text)).toEqual([
      "b.depends_on: goes in a circle: b -> c -> d -> b. Remove one of them; a link may stay.",
    ]);
  });

  it("refuses to wait for a check that is off", () => {
    const text = `
      a: {image: a, depends_on: {b: {condition: service_healthy}}}
      b: {image: b, healthcheck: {disable: true}}`;
    expect(problems(text)).toEqual([
      "a.depends_on.b: waits for the health of 'b', whose check is off. Turn it on.",
    ]);
  });
});

describe("names and addresses", () => {
  it.each<[string, object]>([
    [
      "extra_hosts: ['a.example:192.0.2.1', 'b=::1', 'c:host-gateway', 'd:[2001:db8::1]']",
      {
        extraHosts: [
          { name: "a.example", ip: "192.0.2.1" },
          { name: "b", ip: "::1" },
          { name: "c", ip: "host-gateway" },
          { name: "d", ip: "2001:db8::1" },
        ],
      },
    ],
    [
      "extra_hosts: {a: 192.0.2.1, b: [192.0.2.2, 192.0.2.3]}",
      {
        extraHosts: [
          { name: "a", ip: "192.0.2.1" },
          { name: "b", ip: "192.0.2.2" },
          { name: "b", ip: "192.0.2.3" },
        ],
      },
    ],
    ["dns: 192.0.2.1", { dns: ["192.0.2.1"] }],
    ["dns: [192.0.2.1, '::1']", { dns: ["192.0.2.1", "::1"] }],
    ["dns_search: example.com", { dnsSearch: ["example.com"] }],
    ["dns_search: [., a.b]", { dnsSearch: [".", "a.b"] }],
    ["network_mode: bridge", {}],
    ["networks: [default]", {}],
    ["networks: {default: }", {}],
    ["networks: {default: {}}", {}],
  ])("%s", (lines, expected) => {
    expect(web(lines).container).toEqual({ image: "web", ...expected });
  });

  const SUBNET =
    "every deployment has one subnet of its own, in which all its services see each other";

  it.each<[string, string]>([
    [
      "extra_hosts: [a]",
      `extra_hosts[0]: is not a host's name and its IP address. Write "name:192.0.2.1".`,
    ],
    ["dns: one.one", "dns: 'one.one' is not an IP address."],
    ["dns_search: [a b]", "dns_search[0]: 'a b' is not a domain. Write example.com."],
    [
      "network_mode: host",
      "network_mode: must be bridge: every replica has an address of its own on the overlay. Remove it.",
    ],
    ["net: bridge", "net: not supported: it belongs to fig files. Use `network_mode`."],
    ["networks: [front]", `networks: not supported: ${SUBNET}. Remove the network.`],
    ["networks: {front: }", `networks.front: not supported: ${SUBNET}. Remove the network.`],
    [
      "networks: {default: {aliases: [x]}}",
      `networks.default: settings are not supported: ${SUBNET}. Leave the default network empty.`,
    ],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });

  it("knows fig's `net`", () => {
    expect(problems("a: {image: a, net: bridge}")).toEqual([]);
    expect(problems("a: {image: a, net: 'container:b'}")).toEqual([
      "a.net: must be bridge: every replica has an address of its own on the overlay. Remove it.",
    ]);
  });
});
