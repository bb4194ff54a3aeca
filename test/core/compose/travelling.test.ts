import { application, notes, problems, read, web, wrong } from "./helpers";

/** What lies beside the compose file, and what `secrets` and `configs` say. */

const kinds: Record<string, "file" | "folder"> = { conf: "file", html: "folder", data: "folder" };
const kindOf = (path: string) => kinds[path];

describe("a path beside the file", () => {
  it.each([
    ["./conf:/c", "./conf"],
    ["./conf:/c:ro", "./conf"],
    ["./html:/c:ro", "./html"],
    ["./none:/c:ro", "./none"],
    ["./x/../html/:/c:ro", "./html"],
  ])("%s travels, read-only", (entry, file) => {
    const { container, files } = web(`volumes: ["${entry}"]`, { kindOf });
    expect(container.mounts).toEqual([{ type: "file", file, target: "/c" }]);
    expect(Object.keys(files!)).toEqual([file]);
  });

  it.each([
    ["./data:/c", "data"],
    ["./none:/c", "none"],
    ["../up:/c", "../up"],
    [".:/c", "."],
  ])("%s is a volume that is filled", (entry, from) => {
    const { volumes, services } = application(
      `services: {web: {image: web, volumes: ["${entry}"]}}`,
      { kindOf },
    );
    const [volume] = Object.values(volumes);
    expect(volume).toMatchObject({ from, external: false, driver: "local" });
    expect(services.web!.container.mounts).toEqual([
      { type: "volume", volume: volume!.key, target: "/c", noCopy: true },
    ]);
  });

  it("is the same volume for all services, and another one for another path", () => {
    const text = `services:
      a: {image: a, volumes: ["./data:/a", "./da-ta:/b"]}
      b: {image: b, volumes: ["./data/:/b:ro", "./da/ta:/c"]}`;
    const { volumes } = application(text, { kindOf });
    expect(
      Object.values(volumes)
        .map(({ from }) => from)
        .sort(),
    ).toEqual(["da-ta", "da/ta", "data"]);
  });

  it("is what `x-ferry` of the mount says, or else that of the service", () => {
    const long = (source: string, said: string) =>
      `{type: bind, source: ${source}, target: /c, x-ferry: ${said}}`;
    const typeOf = (lines: string) => web(lines, { kindOf }).container.mounts![0]!.type;
    expect(typeOf(`volumes: [${long("data", "{files: config}")}]`)).toBe("file");
    expect(typeOf(`x-ferry: {files: config}\nvolumes: [./data:/c]`)).toBe("file");
    expect(typeOf(`x-ferry: {files: data}\nvolumes: [./html:/c:ro]`)).toBe("volume");
    expect(typeOf(`x-ferry: {files: config}\nvolumes: [${long("./html", "{files: data}")}]`)).toBe(
      "volume",
    );
    const { files } = web("x-ferry: {maxSize: 64m}\nvolumes: [./conf:/c]", { kindOf });
    expect(files).toEqual({ "./conf": { path: "conf", maxBytes: 64 * 1024 ** 2 } });
  });

  it.each([
    [
      "x-ferry: {files: data}\nvolumes: [./conf:/c]",
      "volumes[0]: './conf' is a file, and data is a folder. Mount its folder.",
    ],
    ["x-ferry: {stays: true}", "x-ferry.stays: unknown key. Remove it."],
  ])("%s is refused", (lines, message) => {
    expect(wrong(lines, { kindOf })).toEqual([message]);
  });

  it("that is not there, or is made read-only, is told", () => {
    expect(notes("volumes: [./none:/c]", { kindOf })).toEqual([
      "volumes[0]: is not there: an empty folder is mounted, as Compose makes one.",
    ]);
    expect(notes("volumes: [./conf:/c]", { kindOf })).toEqual([
      "volumes[0]: is carried to the host whenever it changes, and is read-only there.",
    ]);
  });
});

describe("secrets and configs", () => {
  const TOP = `
secrets:
  pw: {file: ./pw.txt}
  token: {environment: TOKEN}
  far: {external: true}
  none: {}
  two: {file: a, content: b}
configs:
  text: {content: "hello $TOKEN"}
`;
  const variables = { TOKEN: "t" };
  const of = (lines: string) =>
    application(`services:\n  web:\n    image: web\n    ${lines}${TOP}`, { variables }).services
      .web!;

  it.each([
    [
      "secrets: [pw]",
      "secrets/pw",
      "/run/secrets/pw",
      { path: "pw.txt", readable: true, secret: true },
    ],
    ["secrets: [token]", "secrets/token", "/run/secrets/token", { content: "t", secret: true }],
    ["configs: [text]", "configs/text", "/text", { content: "hello t" }],
    [
      "secrets: [{source: token, target: a/b, uid: '9', gid: 8, mode: 0440}]",
      "secrets/token",
      "/run/secrets/a/b",
      { content: "t", secret: true, uid: 9, gid: 8, mode: 0o440 },
    ],
    [
      "configs: [{source: text, target: /etc/t, mode: '0600'}]",
      "configs/text",
      "/etc/t",
      { content: "hello t", mode: 0o600 },
    ],
  ])("%s", (lines, file, target, expected) => {
    const { container, files } = of(lines);
    expect(container.mounts).toEqual([{ type: "file", file, target }]);
    expect(files).toEqual({ [file]: expected });
  });

  it("one with two modes is two files", () => {
    const { files } = of("secrets: [token, {source: token, target: other, mode: 0400}]");
    expect(Object.keys(files!)).toEqual(["secrets/token", "secrets/token at /run/secrets/other"]);
  });

  it.each([
    [
      "[far]",
      "'far' is external, and what Swarm keeps is not to be had. Give it `file`, `environment` or `content`.",
    ],
    ["[none]", "'none' has none of `file`, `environment` and `content`. Give it one."],
    ["[two]", "'two' has more than one of `file`, `environment` and `content`. Give it one."],
    ["[pv]", "there is no 'pv' among the file's secrets. Did you mean 'pw'?"],
    ["[token]", "has no value, and the variable 'TOKEN' is not set. Give it in `variables`."],
    ["[{target: x}]", "has no `source`. Name one."],
  ])("secrets: %s is refused", (list, message) => {
    const text = `services: {web: {image: web, secrets: ${list}}}${TOP.replace(/configs:[^]*/, "")}`;
    expect(problems(text)).toEqual([`services.web.secrets[0]: ${message}`]);
  });

  it.each<[string, object]>([
    ["~/src:/a:ro", { type: "file", file: "~/src", target: "/a" }],
    ["~/src:/a", { type: "volume", volume: "src-c49151c9", target: "/a", noCopy: true }],
    ["~:/a:ro", { type: "file", file: "~", target: "/a" }],
  ])("of whose home it is, is the program's: %s", (mount, expected) => {
    const { services, volumes } = application(
      `services: {web: {image: web, volumes: ["${mount}"]}}`,
    );
    expect(services.web?.container.mounts).toEqual([expected]);
    expect(Object.values(volumes).map(({ from }) => from)).toEqual(
      mount.endsWith(":ro") ? [] : ["~/src"],
    );
  });

  it.each(["~", "~/.token", "~bob/token"])("a file at %s is another one for each user", (file) => {
    const text = `services: {web: {image: web, secrets: [pw]}}\nsecrets: {pw: {file: "${file}"}}`;
    expect(problems(text)).toEqual([
      `secrets.pw.file: '${file}' is in somebody's home, which is another one on each machine. Name a path beside this file.`,
    ]);
  });

  it("of a file that is included are seen from its folder", () => {
    const included = "services: {a: {image: a, secrets: [pw]}}\nsecrets: {pw: {file: pw.txt}}";
    const readFile = (path: string) => (path === "parts/x.yml" ? included : undefined);
    const text = "include: [parts/x.yml]\nservices: {b: {image: b}}";
    expect(application(text, { readFile }).services.a!.files).toEqual({
      "secrets/pw": { path: "parts/pw.txt", readable: true, secret: true },
    });
  });
});

describe("ports that answer everywhere", () => {
  const compose = (words: string) =>
    `services:\n  web: { image: w, ports: ["80:80"], scale: 2, x-ferry: { ${words} } }\n`;

  it("are the service's, and no warning of two replicas at one port", () => {
    expect(application(compose("publish: everywhere, proxy: http")).services["web"]).toMatchObject({
      publish: { on: "everywhere", proxy: "http" },
    });
    expect(read(compose("publish: everywhere")).warnings).toEqual([]);
    expect(read(compose("moves: false")).warnings).toHaveLength(1);
    expect(read(compose("moves: false"), { everywhere: ["web"] }).warnings).toEqual([]);
  });

  it("say how the client's address gets there, and nothing else", () => {
    const [problem] = read(compose("proxy: http")).problems;
    expect(problem?.reason).toMatch(/Add `publish`/);
    expect(read(compose("publish: here")).problems).toHaveLength(1);
  });
});
