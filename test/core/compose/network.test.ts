import { application, notes, problems, read, web, wrong } from "./helpers";

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
    ["['db:my_db.example', 'db:my_db.example']", [{ service: "db", alias: "my_db.example" }]],
  ])("%s", (value, expected) => {
    expect(web(`links: ${value}`).links).toEqual(expected);
  });

  it.each<[string, string]>([
    ["dbb", "links to 'dbb', and there is no such service. Did you mean 'db'?"],
    ["mysql", "links to 'mysql', and there is no such service."],
    ["web", "links to itself. Remove it."],
    ["'a:b:c'", `'a:b:c' is not a link. Write "service" or "service:alias".`],
    [
      "'db:my db'",
      "the alias in 'db:my db' is not a host's name. Use letters, digits, '.', '_' and '-'.",
    ],
    ["'db:web'", "the alias in 'db:web' is the name of a service. Use another alias."],
  ])("refuses %s", (link, message) => {
    expect(wrong(`links: [${link}]`)).toEqual([`links[0]: ${message}`]);
  });

  it("gives a name once", () => {
    const text = "a: {image: a, links: ['b:x', 'c:x']}\nb: {image: b}\nc: {image: c}";
    expect(problems(text)).toEqual([
      "a.links[1]: the alias in 'c:x' is taken by a.links[0]. Use another alias.",
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
    [
      "{db: {condition: service_completed_successfully}}",
      [{ service: "db", condition: "completed_successfully" }],
    ],
    [
      "{db: {condition: service_healthy, restart: true}}",
      [{ service: "db", condition: "healthy", restart: true }],
    ],
    [
      "{db: {condition: service_started, restart: false}}",
      [{ service: "db", condition: "started" }],
    ],
    ["{gone: {condition: service_started, required: false}}", []],
  ])("%s", (value, expected) => {
    expect(web(`depends_on: ${value}`).dependsOn).toEqual(expected);
  });

  it.each<[string, string]>([
    ["[d]", "[0]: depends on 'd', and there is no such service. Did you mean 'db'?"],
    ["[web]", "[0]: depends on itself. Remove it."],
    ["[db, db]", "[1]: names 'db' a second time. Keep one of them."],
    ["db", ': must be a list, and is a text. Write "- value" lines.'],
    ["{db: }", ".db: has no `condition`."],
    [
      "{db: {condition: healthy}}",
      ".db.condition: must be service_started, service_healthy or service_completed_successfully.",
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
    ["dns_search: ''\ndns: ''", {}],
    ["dns_search: example.com", { dnsSearch: ["example.com"] }],
    ["dns_search: [., a.b]", { dnsSearch: [".", "a.b"] }],
    ["network_mode: bridge", {}],
    ["networks: [default]", {}],
    ["networks: {default: }", {}],
    ["networks: {default: {}}", {}],
  ])("%s", (lines, expected) => {
    expect(web(lines).container).toEqual({ image: "web", ...expected });
  });

  it.each<[string, string]>([
    [
      "extra_hosts: [a]",
      `extra_hosts[0]: is not a host's name and its IP address. Write "name:192.0.2.1".`,
    ],
    ["dns: one.one", "dns: 'one.one' is not an IP address."],
    ["dns_search: [a b]", "dns_search[0]: 'a b' is not a domain. Write example.com."],
    ["network_mode: x", "network_mode: 'x' is not bridge, none, host or service:x. Remove it."],
    [
      "network_mode: host\nnetworks: [default]",
      "networks[0]: is beside `network_mode`. Remove one of them.",
    ],
    ["net: bridge", "net: not supported: it belongs to fig files. Use `network_mode`."],
    [
      "networks: [front]",
      "networks[0]: there is no network 'front'. Declare it under the top-level `networks`.",
    ],
    [
      "networks: {default: {ipv4_address: x}}",
      "networks.default.ipv4_address: 'x' is not an IPv4 address. Write 10.40.8.5.",
    ],
    [
      "networks: {default: {aliases: ['a b']}}",
      "networks.default.aliases[0]: 'a b' is not a host's name. Use letters, digits, '.', '_' and '-'.",
    ],
    [
      "container_name: a b",
      "container_name: 'a b' is not a name of a container. Use letters, digits, '.', '_' and '-'.",
    ],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });

  it("knows fig's `net`", () => {
    expect(problems("a: {image: a, net: bridge}")).toEqual([]);
    const { a } = application("a: {image: a, net: 'container:b'}\nb: {image: b}").services;
    expect(a?.container).toEqual({ image: "a", networkNamespace: "service:b" });
    expect(problems("a: {image: a, net: 'container:b'}")).toEqual([
      "a.net: no service of the file has the `container_name` 'b'. Bring that container into this file.",
    ]);
  });
});

describe("further names of a service", () => {
  const NAMES =
    "is a further name of the service inside the deployment; containers keep Ferry's names, `<deployment>-<service>-<index>`, and a host name that Weave's DNS knows them by.";

  it.each<[string, string[] | undefined]>([
    ["container_name: shop-web", ["shop-web"]],
    ["container_name: web", undefined],
    ["hostname: page\ndomainname: example.com", ["page", "page.example.com"]],
    ["domainname: example.com", undefined],
    ["networks: {default: {aliases: [www, web.example]}}", ["www", "web.example"]],
    ["container_name: same\nhostname: same", ["same"]],
    ["container_name: db", undefined],
    ["container_name: ''\nhostname: ''", undefined],
  ])("%s", (lines, names) => {
    expect(web(lines).names).toEqual(names);
  });

  it("are told in one line", () => {
    const text = "services: {a: {image: a, container_name: x}, b: {image: b, hostname: b}}";
    expect(read(text).notes).toEqual([
      {
        path: "services.a.container_name, services.b.hostname",
        reason: NAMES,
        at: { line: 1, column: 26 },
      },
    ]);
    expect(notes("container_name: db")).toContain(
      "container_name: is another service's name, which keeps it.",
    );
  });

  it("are what a service is called that has no DNS label for a name", () => {
    const text = "services: {web_app: {image: a}, web-app: {image: a}, WebApp: {image: a}}";
    const { services } = application(text);
    expect(Object.values(services).map(({ name, label, names }) => [name, label, names])).toEqual([
      ["WebApp", "webapp-e1ec25", ["WebApp"]],
      ["web-app", undefined, undefined],
      ["web_app", "web-app-253baf", ["web_app"]],
    ]);
    expect(problems(`services: {web_app: {image: a}, web-app-253baf: {image: b}}`)).toEqual([
      "services.web_app: its DNS label 'web-app-253baf' is another service's name. Rename that one.",
    ]);
    expect(problems("services: {a b: {image: a}}")).toEqual([
      `services["a b"]: the service's name may have letters, digits, '.', '_' and '-' only, and 253 of them at most. Rename it.`,
    ]);
  });
});

describe("networks", () => {
  const file = (networks: string, ...services: string[]) =>
    services.map((on, i) => `s${i}: {image: x${on === "" ? "" : `, networks: ${on}`}}`).join(", ") +
    `}\nnetworks: ${networks}`;
  const reported = (networks: string, ...services: string[]) =>
    problems(`services: {${file(networks, ...services)}`);

  it.each<[string, string[]]>([
    ["{a: }", ["[a]", "[a]"]],
    ["{a: , b: }", ["[a, b]", "[b]"]],
    ["{a: , b: , c: }", ["[a, b]", "[b, c]", "[a, c]"]],
    ["{default: {driver: bridge}}", ["", ""]],
    ["{a: }", ["[default, a]", ""]],
    ["{a: {internal: false, name: x, external: true}}", ["{a: {priority: 1}}"]],
  ])("that all services share are names: %s", (networks, services) => {
    expect(reported(networks, ...services)).toEqual([]);
  });

  const reachOf = (networks: string, ...services: string[]) =>
    Object.values(application(`services: {${file(networks, ...services)}`).services).map(
      ({ reach, container }) => [reach, container.dockerBridge],
    );

  it("that all share, or each two of them, change nothing", () => {
    for (const services of [
      ["[a, b]", "[b]"],
      ["[a, b]", "[b, c]", "[a, c]"],
    ])
      expect(reachOf("{a: , b: , c: }", ...services)).toEqual(
        services.map(() => [undefined, undefined]),
      );
  });

  it("that keep services apart say whom each reaches", () => {
    expect(reachOf("{a: , b: }", "[a]", "[b, a]", "[b]", "")).toEqual([
      [{ networks: ["a"] }, "alone"],
      [{ networks: ["a", "b"] }, "alone"],
      [{ networks: ["b"] }, "alone"],
      [{ networks: ["default"] }, "alone"],
    ]);
    expect(reachOf("{a: {name: x}, b: {name: x}}", "[a]", "[b]")).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it("that are internal close the way out of those on no other one", () => {
    expect(reachOf("{a: {internal: true}, b: }", "[a]", "[a, b]")).toEqual([
      [{ networks: ["a"], internal: true }, "internal"],
      [{ networks: ["a", "b"] }, "alone"],
    ]);
    expect(application("services: {a: {image: a, network_mode: none}}").services.a).toMatchObject({
      reach: { networks: [], internal: true },
      container: { dockerBridge: "none" },
    });
    expect(reachOf("{default: {internal: true}}", "")).toEqual([
      [{ networks: ["default"], internal: true }, "internal"],
    ]);
  });

  it("of the host keep nobody apart", () => {
    const text =
      "services: {a: {image: a}, h: {image: h, network_mode: host, ports: [80], container_name: x, hostname: y}}";
    const { a, h } = application(text).services;
    expect(h?.container).toEqual({ image: "h", networkNamespace: "host" });
    expect([h?.names, h?.reach, a?.reach]).toEqual([undefined, undefined, undefined]);
    expect(read(text).notes.map(({ path, reason }) => `${path} ${reason.slice(0, 14)}`)).toEqual([
      "services.h.container_name, services.h.hostname is no name of ",
      "services.h.ports[0] is passed over",
    ]);
    const apart =
      "services: {a: {image: a, networks: [n]}, b: {image: b}, h: {image: h, network_mode: host}}\nnetworks: {n: }";
    const services = application(apart).services;
    expect([services.a?.reach?.networks, services.h?.reach]).toEqual([["n"], undefined]);
    expect(
      problems("services: {a: {image: a}, h: {image: h, network_mode: host, links: [a]}}"),
    ).toEqual([
      "services.h.links[0]: is not for a container without a network of its own, which has no links. Remove it, or `network_mode`.",
    ]);
  });

  it("are refused where replicas cannot be on them", () => {
    expect(reported("{a: {driver: macvlan}}", "[a]")).toEqual([
      "networks.a.driver: 'macvlan' is not supported: replicas are on Weave's overlay and nowhere else. Remove it.",
    ]);
  });

  it("may ask for an address", () => {
    const text =
      "services: {a: {image: a, networks: {n: {ipv4_address: 10.9.0.5}}}}\nnetworks: {n: {ipam: {}}}";
    expect(application(text).services.a?.ipv4Address).toBe("10.9.0.5");
    expect(read(text).notes.map(({ path }) => path)).toEqual([
      "networks.n.ipam",
      "services.a.networks.n.ipv4_address",
    ]);
  });
});
