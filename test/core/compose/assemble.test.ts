import { readComposeFiles } from "../../../provider/core/compose";
import { application, problems, read } from "./helpers";

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

  it("fills variables in before services are put together", () => {
    const text = `
services:
  base:
    image: b
    labels: ["\${X:-x}", "\${Y:-y}=\${Z:-z}"]
    environment: ["\${X:-x}=1", "K=\$\${HOME}"]
    volumes: ["\${D:-/d}:/x"]
    logging: {driver: "\${L:-syslog}", options: {a: b}}
  a: {extends: "\${S:-base}", labels: {y: over}, environment: {x: two}, volumes: ["/e:/x"], logging: {driver: syslog, options: {c: d}}}
  b: {extends: {service: base}, logging: {driver: local}}`;
    const { a, b } = application(text).services;
    expect(a?.container.labels).toEqual({ x: "", y: "over" });
    expect(a?.environment).toEqual({ x: "two", K: "\${HOME}" });
    expect(a?.container.mounts).toMatchObject([{ source: "/e", target: "/x" }]);
    expect(a?.container.logging).toEqual({ driver: "syslog", options: { a: "b", c: "d" } });
    expect(b?.container.logging).toEqual({ driver: "local", options: {} });
  });

  it("keeps values that came out of variables out of messages, and tells what is not set", () => {
    const variables = { S: "hunter2" };
    const text = `
services:
  base: {image: b, labels: ["$S", "$UNSET=1"], extends: "$S", sysctls: [$S=1]}
  a: {extends: base, labels: {y: over}, sysctls: {"b c": "1"}}
  c: {extends: {file: "$S", service: "$UNSET"}}`;
    const found = problems(text, { variables });
    expect(found.join()).not.toContain("hunter2");
    expect(found).toContain(
      "services.base.extends: extends '$S' (variables filled in), and there is no such service. Name one that is there.",
    );
    expect(found.filter((each) => each.includes("UNSET, which is not set"))).toHaveLength(3);
  });

  it("is done with what a file includes, and file by file", () => {
    const text =
      "include: [parts/base.yml]\nservices: {a: {extends: {service: base}, environment: [A=1]}}";
    const files = {
      ...{ "parts/e": "E=1" },
      "parts/base.yml": "services: {base: {image: b, env_file: e}}",
    };
    const readHere = (path: string) => (files as Record<string, string>)[path];
    expect(application(text, { readFile: readHere }).services.a?.environment).toEqual({
      A: "1",
      E: "1",
    });
    const { application: app } = several(
      "services: {base: {image: b, ports: ['1:1']}, a: {extends: base}}",
      "services: {base: {ports: ['2:2']}, a: {environment: [A=1]}}",
    );
    expect(app?.services.a?.container.ports).toHaveLength(1);
    expect(app?.services.base?.container.ports).toHaveLength(2);
  });

  it("ends where services extend each other without end", () => {
    const chain = Array.from({ length: 3_000 }, (_, i) => `s${i}: {extends: s${i + 1}}`);
    const found = problems(`services: {${chain.join()}, s3000: {image: x}}`);
    expect(found[0]).toMatch(/extends 200 services, one after the other. Use fewer.$/);
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

  it("gives a file the `.env` of its folder, or another one, and the folder that it says", () => {
    const more: Record<string, string> = {
      "sub/a.yml":
        "include: [deep/b.yml]\nservices: {a: {image: '$IMAGE', environment: [IMAGE, HOST], volumes: ['./v:/v']}}",
      "sub/.env": "IMAGE=own\nHOST=own",
      "sub/deep/b.yml": "services: {b: {image: '$IMAGE', volumes: ['./v:/v']}}",
      "sub/deep/.env": "IMAGE=deep",
      "other.env": "IMAGE=other",
    };
    const options = {
      ...{ variables: { HOST: "given" }, includedEnvFiles: true },
      readFile: (path: string) => more[path],
    };
    const { application: app, notes } = read("include: [sub/a.yml]", options);
    expect(app?.services.a).toMatchObject({
      container: { image: "own" },
      environment: { IMAGE: "own", HOST: "given" },
    });
    // What an outer file gives wins.
    expect(app?.services.b?.container.image).toBe("own");
    expect(Object.values(app?.volumes ?? {}).map(({ from }) => from)).toEqual([
      "sub/deep/v",
      "sub/v",
    ]);
    expect(notes.map(({ reason }) => reason).join()).toContain("`.env` in its folder too");
    const long =
      "include: [{path: sub/a.yml, project_directory: there, env_file: [other.env, /dev/null]}]";
    const other = read(long, {
      ...options,
      readFile: (path) => more[path.replace(/^there/, "sub")],
    });
    expect(other.application?.services.a?.container.image).toBe("other");
    expect(Object.values(other.application?.volumes ?? {}).map(({ from }) => from)).toContain(
      "there/v",
    );
    const off = read("include: [sub/a.yml]", { ...options, includedEnvFiles: false });
    expect(off.problems[0]?.reason).toContain("uses the variable IMAGE, which is not set.");
  });

  it.each([
    [
      "[none.yml]",
      "include[0]: 'none.yml' is not there, or is no file. Its path is relative to this file.",
    ],
    ["[{path: sub/more.yml, files: e}]", "include[0].files: unknown key. Remove it."],
    [
      "[{path: sub/more.yml, env_file: e}]",
      "include[0].env_file: 'e' is not there, or is no file. Give its path.",
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

  it("know them at any depth, and in documents of one file", () => {
    const base = "services: {a: {image: a, environment: {A: '1', B: '2'}, labels: [x=1, y=2]}}";
    const over =
      "services: {a: {environment: {A: !reset null}, labels: {x: !reset null, z: !override '3'}}}";
    for (const { services } of [
      several(base, over).application!,
      application(`${base}\n---\n${over}`),
    ]) {
      expect(services.a?.environment).toEqual({ B: "2" });
      expect(services.a?.container.labels).toEqual({ y: "2", z: "3" });
    }
  });

  it("give a host each of its addresses", () => {
    const { application: app } = several(
      "services: {a: {image: a, extra_hosts: ['h:192.0.2.1']}}",
      "services: {a: {extra_hosts: {h: 192.0.2.2}}}",
    );
    expect(app?.services.a?.container.extraHosts).toEqual([
      { name: "h", ip: "192.0.2.1" },
      { name: "h", ip: "192.0.2.2" },
    ]);
  });
});
