import { application, notes, problems, web, wrong } from "./helpers";

const build = (lines: string, variables = {}) =>
  web(`build:\n${lines.replace(/^/gm, "  ")}`, { variables }).build;

describe("build", () => {
  it("is a folder, and `image` is its name", () => {
    const service = web("build: ./web");
    expect(service.build).toEqual({ context: "./web" });
    expect(service.container.image).toBe("web");
  });

  it("needs no image", () => {
    const { services } = application("services: { a: { build: . } }");
    expect(services["a"]?.build).toEqual({ context: "." });
    expect(services["a"]?.container.image).toBe("");
  });

  it.each<[string, object]>([
    ["dockerfile: a/Dockerfile.dev", { dockerfile: "a/Dockerfile.dev" }],
    ["dockerfile_inline: |-\n  FROM a\n  RUN b", { dockerfileInline: "FROM a\nRUN b" }],
    ["dockerfile: ''\ndockerfile_inline: ''", {}],
    ["target: dev", { target: "dev" }],
    ["args: { A: 1, B: '${C}' }", { args: { A: "1", B: "see" } }],
    ["args: [A=1, C, D]", { args: { A: "1", C: "see" } }],
    ["args: [A=1, D=1, D]", { args: { A: "1" } }],
    ["labels: [a=b]", { labels: { a: "b" } }],
    ["additional_contexts: { a: ../a }", { additionalContexts: { a: "../a" } }],
    [
      "additional_contexts: [b=docker-image://alpine:3]",
      { additionalContexts: { b: "docker-image://alpine:3" } },
    ],
    ["platforms: [linux/amd64, linux/arm64]", { platforms: ["linux/amd64", "linux/arm64"] }],
    ["cache_from: [a, b]", { cacheFrom: ["a", "b"] }],
    ["network: none", { network: "none" }],
    ["network: default", {}],
    ["shm_size: 64m", { shmSizeBytes: 64 * 1024 ** 2 }],
    ["extra_hosts: [a=192.0.2.1]", { extraHosts: ["a:192.0.2.1"] }],
    ["no_cache: true\npull: true", { noCache: true, pull: true }],
    ["dockerfile: ''\ntarget: ''\ndockerfile_inline: ''\ncontext: ''\nnetwork: ''", {}],
    ["cache_from: ['type=registry,ref=a/b:1', c]", { cacheFrom: ["a/b:1", "c"] }],
    ["ulimits: { nofile: 9 }", { ulimits: [{ name: "nofile", soft: 9, hard: 9 }] }],
    ["ssh: default", { ssh: { default: "" } }],
    ["ssh: [default, deploy=keys/id]", { ssh: { default: "", deploy: "keys/id" } }],
    ["ssh: { default: keys/id }", { ssh: { default: "keys/id" } }],
    ["privileged: false\nisolation: default\nentitlements: [network.host]", {}],
    [
      "context: https://example.com/a.git#v1:web\ndockerfile: other",
      { context: "https://example.com/a.git#v1:web", dockerfile: "other" },
    ],
  ])("%s", (lines, expected) => {
    expect(build(lines, { C: "see" })).toEqual({ context: ".", ...expected });
  });

  it.each([
    ["build: ~/src", /^build: .~\/src. is in somebody.s home/],
    ["build: [a]", /^build: must be a folder or a mapping/],
    ["build: { ssh: [mine] }", /^build\.ssh\[0\]: names no key\. Write id=path/],
    ["build: { privileged: true }", /^build\.privileged: BuildKit has no privileged builds/],
    ["build: { entitlements: [security.insecure] }", /is none that Docker grants to a build/],
    ["build: { isolation: hyperv }", /^build\.isolation: /],
    ["build: { secrets: [none] }", /^build\.secrets\[0\]: there is no 'none' among the file's/],
    [
      "build: { context: 'https://a.b/c.git', dockerfile_inline: FROM a }",
      /^build\.dockerfile_inline: goes with a folder, and `context` is a URL\./,
    ],
    [
      "build: { context: 'https://a.b/c.git', additional_contexts: { a: . } }",
      /^build\.additional_contexts: go with a folder/,
    ],
    [
      "build: { additional_contexts: { a: 'https://a.b/c.git' } }",
      /^build\.additional_contexts\.a: is no folder: .* Get the sources/,
    ],
    ["build: { frobnicate: 1 }", /^build\.frobnicate: unknown key/],
    [
      "build: { additional_contexts: { A/b: . } }",
      /^build\.additional_contexts\["A\/b"\]: is no name/,
    ],
    ["build: { additional_contexts: { a: service:b } }", /there is no service 'b'/],
    ["build: { additional_contexts: { a: service:web } }", /is the service itself/],
    ["build: { labels: { pulumi-ferry.build: a } }", /are Ferry's own/],
    ["build: { dockerfile: a, dockerfile_inline: FROM b }", /Keep one of them\.$/],
  ])("%s is refused", (lines, message) => {
    const [first, ...more] = wrong(lines);
    expect(first).toMatch(message);
    expect(more).toEqual([]);
  });

  it.each(["git@example.com:a.git", "github.com/a/b", "https://example.com/a.tar.gz"])(
    "may be fetched by the builder: %s",
    (context) => {
      expect(web(`build: ${context}`).build).toEqual({ context });
    },
  );

  it("has secrets of the file, by the ids that the Dockerfile asks for", () => {
    const file = `services:
  web:
    build:
      secrets: [npmrc, { source: token, target: TOKEN, mode: 0400 }, inline]
secrets:
  npmrc: { file: ./secret/npmrc }
  token: { environment: TOKEN }
  inline: { content: "a" }
`;
    const { services } = application(file, { variables: { TOKEN: "hush" } });
    expect(services["web"]?.build?.secrets).toEqual({
      npmrc: { path: "secret/npmrc" },
      TOKEN: { content: "hush" },
      inline: { content: "a" },
    });
    expect(services["web"]?.files).toBeUndefined();
  });

  it("may be on another service's image", () => {
    const file =
      "services: { a: { build: { additional_contexts: [b=service:b] } }, b: { build: b } }";
    expect(application(file).services["a"]?.build?.additionalContexts).toEqual({ b: "service:b" });
  });

  it("says that nothing is pulled beside folders", () => {
    const said = "build: { pull: true, additional_contexts: { a: b } }";
    expect(web(said).build).toEqual({ context: ".", additionalContexts: { a: "b" } });
    expect(notes(said)[0]).toMatch(/^build\.pull: is passed over: BuildKit would ask a registry/);
  });

  it("says what has no effect", () => {
    expect(notes("build: { cache_from: ['type=gha'] }")).toEqual([
      "build.cache_from[0]: is passed over: the host's own BuildKit builds it, for this deployment alone.",
    ]);
    expect(notes("build: { tags: [a], sbom: true }")).toEqual([
      "build.tags: is passed over: on hosts the image has one name, which says what it was built from.",
      "build.sbom: is passed over: the host's own BuildKit builds it, for this deployment alone.",
    ]);
  });

  it("is fig's too, with its dockerfile", () => {
    const { services } = application("web: { build: ./web, dockerfile: Other }");
    expect(services["web"]?.build).toEqual({ context: "./web", dockerfile: "Other" });
    expect(problems("services: { a: { build: ., dockerfile: b } }")[0]).toMatch(/build.dockerfile/);
  });

  it("of a file that is extended is seen from there", () => {
    const base = "services: { a: { build: { target: x } }, b: { build: src } }";
    const file = `services:
  c: { extends: { file: other/base.yml, service: a }, build: { args: { D: "1" } } }
  d: { extends: { file: other/base.yml, service: b } }`;
    const readFile = (path: string) => (path === "other/base.yml" ? base : undefined);
    const { services } = application(file, { readFile });
    expect(services["c"]?.build).toEqual({ context: "other", target: "x", args: { D: "1" } });
    expect(services["d"]?.build).toEqual({ context: "other/src" });
  });
});

describe("pull_policy", () => {
  it.each([
    ["always", "always"],
    ["never", "never"],
    ["daily", 86_400],
    ["weekly", 7 * 86_400],
    ["every_1d12h", 36 * 3600],
    ["missing", undefined],
    ["if_not_present", undefined],
    ["build", undefined],
  ])("%s", (word, expected) => {
    expect(web(`pull_policy: ${word}`).pull).toBe(expected);
  });

  it("refresh has its time beside it", () => {
    expect(web("pull_policy: refresh\npull_refresh_after: 1h").pull).toBe(3600);
  });
});
