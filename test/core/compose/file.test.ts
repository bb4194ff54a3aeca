import { parseCompose, readCompose } from "../../../provider/core/compose";
import { FerryError } from "../../../provider/core/errors";
import { application, located, problems, read } from "./helpers";

describe("the file as YAML", () => {
  it.each<[string, string, string[]]>([
    [
      "a wrong indent",
      "a:\n  image: x\n b: y",
      [":3:1: not YAML: all mapping items must start at the same column."],
    ],
    [
      "an open bracket",
      "a: {image: x",
      [
        ":1:13: not YAML: flow map in block collection must be sufficiently indented and end with a }.",
      ],
    ],
    ["a tag", "a: !build x", [":1:4: not YAML: unresolved tag: !build."]],
    [
      "a tag of YAML's own",
      "a: !!omap [x: 1]",
      [":1:4: not YAML: unresolved tag: tag:yaml.org,2002:omap."],
    ],
    ["an unknown alias", "a: *b", [`:1:4: not YAML: unidentified alias "b".`]],
    [
      "a key twice",
      "a:\n  image: x\n  image: y",
      [":3:3: key 'image' is there twice in one mapping. Keep one of them."],
    ],
    [
      "a service twice",
      "a: {image: x}\n'a': {image: x}",
      [":2:1: key 'a' is there twice in one mapping. Keep one of them."],
    ],
    ["nothing", "", ["the file is empty. Write services with their images."]],
    ["comments", "# nothing", ["the file is empty. Write services with their images."]],
    ["a list", "- a", ["the file is not a mapping. Write services with their images."]],
    ["a text", "fig", ["the file is not a mapping. Write services with their images."]],
    ["an empty mapping", "{}", ["the file has no services. Write one with its image."]],
    [
      "an alias of itself",
      "a: &a {b: *a}",
      [
        "the file's aliases unfold to more than 100000 values or contain themselves. Use fewer aliases.",
      ],
    ],
  ])("%s", (_, text, expected) => {
    expect(located(text)).toEqual(expected);
  });

  it("is not brought down by aliases that unfold without end", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 10; i++) {
      const again = Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ");
      lines.push(`a${i}: &a${i} [${again}]`);
    }
    expect(problems(lines.join("\n"))).toEqual([
      ": the file's aliases unfold to more than 100000 values or contain themselves. Use fewer aliases.",
    ]);
  });

  it("is not brought down by many keys", () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `  k${i}: v`);
    expect(located(["x-many:", ...lines, "  k7: v"].join("\n"))).toEqual([
      ":20002:3: key 'k7' is there twice in one mapping. Keep one of them.",
    ]);
  });

  it("is not brought down by nesting", () => {
    expect(problems("[".repeat(100_000))).toHaveLength(1);
    expect(problems(`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`)).toHaveLength(1);
    expect(problems(`a: ${"{b: ".repeat(5000)}`)).toHaveLength(1);
  });

  it("knows anchors, merge keys and extensions", () => {
    const { services } = application(`
      x-base: &base
        image: base
        environment: &env {A: "1", B: $UNSET}
        restart: always
      services:
        a:
          <<: *base
          environment: {A: "2"}
        b:
          !!merge <<: [{tty: true}, {init: true}]
          image: b
          x-team: {owner: me}
    `);
    expect(services.a?.container).toEqual({ image: "base", restart: { name: "always" } });
    expect(services.a?.environment).toEqual({ A: "2" });
    expect(services.b?.container).toEqual({ image: "b", tty: true, init: true });
  });

  it("fills variables in where an extension is merged in", () => {
    const text = "x-e: &e {A: $A}\nservices: {a: {image: a, environment: *e}}";
    expect(application(text, { variables: { A: "1" } }).services.a?.environment).toEqual({
      A: "1",
    });
    expect(problems(text)).toHaveLength(1);
  });
});

describe("the top level", () => {
  it.each([["2"], ["'2.4'"], ["3"], ['"3.8"']])("takes version %s", (version) => {
    expect(application(`version: ${version}\nname: my_app\nservices: {a: {image: a}}`)).toEqual({
      name: "my_app",
      services: {
        a: {
          name: "a",
          container: { image: "a" },
          environment: {},
          links: [],
          dependsOn: [],
          scale: 1,
        },
      },
      volumes: {},
    });
  });

  it.each<[string, string]>([
    [
      "include: [other.yml]",
      "include[0]: 'other.yml' is not there, or is no file. Its path is relative to this file.",
    ],
    ["version: [3]", "version: must be a text, and is a list. Write a text."],
    [
      "name: My App",
      "name: 'My App' is not a name of an application. Use lower-case letters, digits, '_' and '-'.",
    ],
    ["volume: {}", "volume: unknown key. Did you mean 'volumes'?"],
    ["foo: {}", "foo: unknown key. Remove it."],
  ])("refuses %s", (line, message) => {
    expect(problems(`services: {a: {image: a}}\n${line}`)).toEqual([message]);
  });

  it.each<[string, string]>([
    ["version: '3'", ": has no `services`. Write them with their images."],
    ["services:", "services: is empty. Write services with images."],
    ["services: {}", "services: the file has no services. Write one with its image."],
    ["services: [a]", 'services: must be a mapping, and is a list. Write "key: value" lines.'],
    [
      "services: {a: redis}",
      'services.a: must be a mapping, and is a text. Write "key: value" lines.',
    ],
    ["service: {a: {image: a}}", "service: unknown key. Did you mean 'services'?"],
  ])("needs services: %s", (text, message) => {
    expect(problems(text)[0]).toBe(message);
  });

  it("warns of a volume that nobody mounts", () => {
    const { warnings } = read("services: {a: {image: a}}\nvolumes: {v: }");
    expect(warnings).toEqual([
      {
        path: "volumes.v",
        reason: "no service mounts this volume.",
        at: { line: 2, column: 11 },
      },
    ]);
  });
});

describe("where a problem stands", () => {
  const file = `x-base: &base
  ports: [http]
services:
  web:
    <<: *base
    image: Web
    environment:
      - A=2
      - B=1
  db:
    mac_address: a
    image: redis
`;

  it("is its key, its item, or what holds it, also where it is merged in", () => {
    expect(located(file).map((line) => line.split(": ", 2).join(" "))).toEqual([
      ":11:5 services.db.mac_address",
      ":2:11 services.web.ports[0]",
      ":6:5 services.web.image",
    ]);
  });

  it("is that of the service for what the service lacks", () => {
    expect(located("services:\n  a:\n    restart: always\n")[0]).toMatch(/^:2:3: services\.a: /);
  });

  it("counts lines however they end, and columns behind a byte order mark", () => {
    expect(located("services:\r\n  a:\r\n    image: A\r\n")[0]).toMatch(/^:3:5: /);
    expect(located("\uFEFFa: {image: A}\n")[0]).toMatch(/^:1:\d+: a\.image: /);
  });
});

describe("names of services", () => {
  it.each(["$(touch x)", "a b", "", "a/b", "a".repeat(254)])("refuses %j", (name) => {
    const [message, ...more] = problems(`services: {${JSON.stringify(name)}: {image: a}}`);
    expect(message).toMatch(/^services\[".*"\]: the service's name may have letters, digits/);
    expect(more).toEqual([]);
  });

  it.each([
    ["My_Web", /^my-web-[0-9a-f]{6}$/],
    ["-", /^service-[0-9a-f]{6}$/],
    ["a.b", /^a-b-[0-9a-f]{6}$/],
    ["a".repeat(64), /^a{56}-[0-9a-f]{6}$/],
  ])("makes a DNS label of %j", (name, label) => {
    const service = application(`services: {${JSON.stringify(name)}: {image: a}}`).services[name];
    expect(service?.label).toMatch(label);
    expect(service?.names).toEqual([name]);
  });

  it.each(["a", "0", "web-2", "a".repeat(63), "constructor"])("takes %j", (name) => {
    expect(Object.keys(application(`${name}: {image: a}`).services)).toEqual([name]);
  });
});

describe("parseCompose", () => {
  const options = { fileName: "fig.yml", variables: {} };

  it("throws every problem on a line of its own", () => {
    const text = "services: {web: {image: A, volumes: [~a/a:/b]}}\nvolumes: {v: 1}";
    let thrown: unknown;
    try {
      parseCompose(text, options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FerryError);
    expect((thrown as FerryError).message.split("\n")).toEqual([
      'fig.yml:2:11: volumes.v: must be a mapping, and is a text. Write "key: value" lines.',
      "fig.yml:1:18: services.web.image: 'A' is not an image's name. Write [registry/]name[:tag][@digest], the name in lower case.",
      "fig.yml:1:38: services.web.volumes[0]: '~a/a' is a path of one machine, and containers run on remote hosts. Use a path beside this file, a named volume, or an absolute path that exists on every host.",
    ]);
  });

  it("names the file for what concerns all of it", () => {
    expect(() => parseCompose("", options)).toThrow(
      new FerryError("fig.yml: the file is empty. Write services with their images."),
    );
  });

  it("returns what readCompose read", () => {
    expect(parseCompose("a: {image: a}", options)).toEqual(
      readCompose("a: {image: a}", options).application,
    );
  });
});
