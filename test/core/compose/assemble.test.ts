import { readComposeFiles } from "../../../provider/core/compose";
import { application, problems } from "./helpers";

const several = (...texts: string[]) =>
  readComposeFiles(
    texts.map((text, i) => ({ fileName: `${i}.yml`, text })),
    { fileName: "0.yml", variables: {} },
  );

describe("extends", () => {
  const files: Record<string, string> = {
    "parts/base.yml":
      "services: {base: {image: b, env_file: e, volumes: ['./x:/x']}, loop: {extends: loop}}",
    "parts/e": "E=1",
    "fig.yml": "base: {image: fig, environment: [A=1]}",
    "bad.yml": "a: [",
  };
  const readFile = (path: string) => files[path];

  it("puts a service on top of another, of this file or of another one", () => {
    const text = `
services:
  a: {image: a, environment: [A=1, B=1], ports: ["80:80"]}
  b: {extends: a, environment: {B: "2"}, ports: ["81:81"]}
  c: {extends: {service: b}, image: c}`;
    const { c } = application(text).services;
    expect(c?.environment).toEqual({ A: "1", B: "2" });
    expect(c?.container).toMatchObject({ image: "c", ports: [{ hostPort: 80 }, { hostPort: 81 }] });
    const fig = "web: {extends: {file: fig.yml, service: base}, environment: [B=2]}";
    expect(application(fig, { readFile }).services.web).toMatchObject({
      container: { image: "fig" },
      environment: { A: "1", B: "2" },
    });
  });

  it("takes a program away where it stands without one, and nothing else", () => {
    const text = `
services:
  a: {image: a, command: run, entrypoint: /a, user: u}
  b: {extends: a, command: , entrypoint: , user: }`;
    expect(application(text).services.b?.container).toEqual({ image: "a", user: "u" });
  });

  it("sees paths from the folder of the file that says them", () => {
    const text = "services: {a: {extends: {file: parts/base.yml, service: base}}}";
    const { volumes } = application(text, { readFile });
    expect(Object.values(volumes).map(({ from }) => from)).toEqual(["parts/x"]);
    const ignore = ["services.a.volumes"];
    expect(application(text, { readFile, ignore }).services.a?.environment).toEqual({ E: "1" });
  });

  it.each([
    [
      "extends: gone",
      "services.a.extends: extends 'gone', and there is no such service. Name one that is there.",
    ],
    ["extends: a", "services.a.extends: goes in a circle. Remove one of them."],
    [
      "extends: {file: none.yml, service: x}",
      "services.a.extends: 'none.yml' is not there, or is no file. Its path is relative to this file.",
    ],
    [
      "extends: {file: parts/base.yml, service: loop}",
      "services.a.extends.extends: goes in a circle. Remove one of them.",
    ],
    [
      "extends: {file: bad.yml, service: x}",
      expect.stringMatching(/^services.a.extends: 'bad.yml': not YAML: /),
    ],
    ["extends: [x]", "services.a.extends: names no service. Write the service that it extends."],
  ])("tells of %s, and of nothing that follows from it", (line, message) => {
    expect(problems(`services: {a: {${line}}}`, { readFile })).toEqual([message]);
  });
});

describe("include", () => {
  const files: Record<string, string> = {
    "sub/more.yml": "services: {more: {image: m, env_file: e}}\nvolumes: {vol: }",
    "sub/e": "E=1",
    "loop.yml": "include: [loop.yml]\nservices: {x: {image: x}}",
  };
  const readFile = (path: string) => files[path];

  it("takes in the services and volumes of other files", () => {
    const text =
      "include: [sub/more.yml]\nservices: {a: {image: a, depends_on: [more], volumes: ['vol:/v']}}";
    const { services, volumes } = application(text, { readFile });
    expect(services.more?.environment).toEqual({ E: "1" });
    expect(Object.keys(services)).toEqual(["a", "more"]);
    expect(Object.keys(volumes)).toEqual(["vol"]);
  });

  it.each([
    [
      "[none.yml]",
      "include[0]: 'none.yml' is not there, or is no file. Its path is relative to this file.",
    ],
    [
      "[{path: sub/more.yml, env_file: e}]",
      "include[0].env_file: not supported: files are read beside each other. Remove it.",
    ],
    ["[loop.yml]", "include[0]: goes in a circle. Remove one of them."],
    ["more.yml", 'include: must be a list. Write "- other.yml" lines.'],
    ["[{}]", "include[0]: names no file. Write its path."],
  ])("tells of %s", (list, message) => {
    expect(problems(`include: ${list}\nservices: {a: {image: a}}`, { readFile })).toEqual([
      message,
    ]);
  });
});

describe("several files", () => {
  it("are put on top of each other, and messages name the file", () => {
    const { application: app, problems: wrong } = several(
      "services: {a: {image: a, command: one, environment: [A=1]}}",
      "services: {a: {command: [two], environment: {B: '2'}}, b: {image: b}}",
    );
    expect(wrong).toEqual([]);
    expect(app?.services.a).toMatchObject({
      container: { image: "a", command: ["two"] },
      environment: { A: "1", B: "2" },
    });
    expect(Object.keys(app?.services ?? {})).toEqual(["a", "b"]);
    const [problem] = several("services: {a: {image: a}}", "services:\n  a: {tty: maybe}").problems;
    expect(problem?.at).toEqual({ line: 2, column: 7, file: "1.yml" });
  });

  it("know !reset and !override, which are nothing in a file alone", () => {
    const base = "services: {a: {image: a, ports: ['80:80'], environment: [A=1], tty: true}}";
    const over =
      "services: {a: {ports: !override ['81:81'], environment: !reset [], tty: !reset null}}";
    const { container, environment } = several(base, over).application?.services.a ?? {};
    expect(container).toEqual({
      image: "a",
      ports: [{ containerPort: 81, hostPort: 81, protocol: "tcp" }],
    });
    expect(environment).toEqual({});
    expect(
      application("services: {a: {image: a, tty: !reset true}}").services.a?.container,
    ).toEqual({
      image: "a",
    });
    expect(problems("services: {a: {image: a, tty: !other true}}")[0]).toMatch(/not YAML/);
  });
});
