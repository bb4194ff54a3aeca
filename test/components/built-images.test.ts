import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { isSecret, output, secret, type Input } from "@pulumi/pulumi";
import { builtImage } from "../../components/built-images";
import { loadApplication } from "../../components/load-application";
import type { BuildRecipe } from "../../provider/core/build/build";
import { readBuild } from "../../provider/local/build-context";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-built-"));
  mkdirSync(join(folder, "site/deep"), { recursive: true });
  put("site/Dockerfile", "FROM a\n");
  put("site/deep/file", "one");
  put("site/other", "two");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, content: string) => writeFileSync(join(folder, path), content);

const COMPOSE = `services:
  web: { build: { context: site, args: { A: "\${A-}" } } }
  api: { image: "shop/api:2", build: site }
  db: { image: "redis:7" }
`;

function built(service: string, variables: Record<string, Input<string>> = {}) {
  put("compose.yml", COMPOSE);
  const loaded = loadApplication({
    compose: join(folder, "compose.yml"),
    variables,
    envFile: false,
    secret: false,
  });
  return builtImage("apples", loaded, loaded.application.services[service]!);
}

const valueOf = <T>(input: Input<T>) =>
  new Promise<T>((resolve) => output(input).apply((value) => resolve(value as T)));

test("the image's name is known while the program runs", () => {
  expect(built("web")?.image).toMatch(/^apples-web:[0-9a-f]{16}$/);
  expect(built("api")?.image).toMatch(/^shop\/api:2-[0-9a-f]{16}$/);
  expect(built("db")).toBeUndefined();
});

test("how it is built is a secret, and says where", async () => {
  const { build } = built("web")!;
  expect(await isSecret(build)).toBe(true);
  const recipe = JSON.parse(await valueOf(build)) as BuildRecipe;
  expect(recipe).toMatchObject({ folder, build: { context: "site" }, hidesArgs: false });
});

test("what follows from a secret is one", async () => {
  const { image, build } = built("web", { A: secret("hush") })!;
  expect(await isSecret(output(image))).toBe(true);
  expect(await valueOf(image)).toMatch(/^apples-web:[0-9a-f]{16}$/);
  const recipe = JSON.parse(await valueOf(build)) as BuildRecipe;
  expect(recipe).toMatchObject({ build: { args: { A: "hush" } }, hidesArgs: true });
});

describe("build secrets", () => {
  const FILE = `services:
  web: { build: { context: site, secrets: [token, npmrc] } }
secrets: { token: { environment: TOKEN }, npmrc: { file: npmrc } }
`;
  const of = (token: Input<string>) => {
    put("compose.yml", FILE);
    const compose = join(folder, "compose.yml");
    const loaded = loadApplication({
      ...{ compose, variables: { TOKEN: token }, envFile: false, secret: false },
    });
    return builtImage("apples", loaded, loaded.application.services["web"]!)!;
  };

  it("are in the recipe alone, and neither in the name nor its way", async () => {
    put("npmrc", "a\n");
    const [one, other] = [of("plain"), of(secret("hush"))];
    expect(other.image).toBe(one.image);
    expect(other.image).toMatch(/^apples-web:[0-9a-f]{16}$/);
    expect(await isSecret(other.build)).toBe(true);
    const { build } = JSON.parse(await valueOf(other.build)) as BuildRecipe;
    expect(build.secrets).toEqual({ token: { content: "hush" }, npmrc: { path: "npmrc" } });
  });

  it("that are not there are told of in a preview", () => {
    expect(() => of("plain")).toThrow(
      "Deployment 'apples': service 'web': build.secrets: 'npmrc': the file 'npmrc' is not there, or is no file.",
    );
  });
});

describe("on another service's image", () => {
  const of = (file: string, service = "web") => {
    put("compose.yml", file);
    const compose = join(folder, "compose.yml");
    const loaded = loadApplication({ compose, variables: {}, envFile: false, secret: false });
    return builtImage("apples", loaded, loaded.application.services[service]!)!;
  };
  const web = (from: string) =>
    `web: { build: { context: site, additional_contexts: [b=${from}] } }`;

  it("it follows from what that is built from", async () => {
    const file = `services: { ${web("service:base")}, base: { build: site/deep } }`;
    put("site/deep/Dockerfile", "FROM a\n");
    const before = of(file);
    const recipe = JSON.parse(await valueOf(before.build)) as BuildRecipe;
    const base = of(file, "base");
    expect(recipe.build.additionalContexts).toEqual({
      b: `docker-image://${await valueOf(base.image)}`,
    });
    expect(recipe.bases).toEqual([await valueOf(base.build)]);
    put("site/deep/Dockerfile", "FROM b\n");
    expect(of(file).image).not.toBe(before.image);
  });

  it("that is not built it is that image", async () => {
    const file = `services: { ${web("service:base")}, base: { image: "redis:7" } }`;
    const recipe = JSON.parse(await valueOf(of(file).build)) as BuildRecipe;
    expect(recipe.build.additionalContexts).toEqual({ b: "docker-image://redis:7" });
    expect(recipe.bases).toBeUndefined();
  });

  it("it cannot be the other one's", () => {
    const other = "base: { build: { context: site, additional_contexts: [w=service:web] } }";
    expect(() => of(`services: { ${web("service:base")}, ${other} }`)).toThrow(
      /service 'web': build.additional_contexts: it is built on 'web', 'base', which in the end is built on it/,
    );
  });
});

test("what a builder fetches is known by its URL", () => {
  const of = (context: string) => readBuild(folder, { context }).hash;
  const [one, other] = ["https://a.example/b.git#v1", "https://a.example/b.git#v2"];
  expect(of(one)).toBe(of(one));
  expect(of(one)).not.toBe(of(other));
});

test("what is missing is told in the program's terms", () => {
  rmSync(join(folder, "site/Dockerfile"));
  expect(() => built("web")).toThrow(
    "Deployment 'apples': service 'web': build: there is no 'Dockerfile' in its context. Give the file's path, seen from there, as `dockerfile`.",
  );
  rmSync(join(folder, "site"), { recursive: true });
  expect(() => built("web", { A: "another" })).toThrow(/the context 'site' is not there/);
});

describe("the hash of a folder", () => {
  const hash = () => readBuild(folder, { context: "site" }).hash;

  it("stays with times, and where the folder lies", () => {
    const before = hash();
    utimesSync(join(folder, "site/other"), 1, 1);
    utimesSync(join(folder, "site"), 1, 1);
    expect(hash()).toBe(before);
    renameSync(join(folder, "site"), join(folder, "moved"));
    expect(readBuild(folder, { context: "moved" }).hash).toBe(before);
  });

  it("follows from contents, permissions and names", () => {
    const seen = new Set([hash()]);
    put("site/deep/file", "two");
    seen.add(hash());
    chmodSync(join(folder, "site/other"), 0o755);
    seen.add(hash());
    renameSync(join(folder, "site/other"), join(folder, "site/another"));
    seen.add(hash());
    mkdirSync(join(folder, "site/empty"));
    seen.add(hash());
    expect(seen.size).toBe(5);
  });

  it("does without what is left out, and with what is kept in it nevertheless", () => {
    const paths = () => readBuild(folder, { context: "site" }).context.map(({ path }) => path);
    put("site/.dockerignore", "deep\nDockerfile\n");
    expect(paths()).toEqual([".dockerignore", "other"]);
    const before = hash();
    put("site/deep/file", "changed");
    expect(hash()).toBe(before);
    put("site/.dockerignore", "deep\n!deep/file\n");
    put("site/deep/more", "more");
    expect(paths()).toEqual([".dockerignore", "Dockerfile", "deep", "deep/file", "other"]);
    put("site/Dockerfile.dockerignore", "*\n!other\n");
    expect(paths()).toEqual(["other"]);
  });

  it("shows a folder before what is in it, and both before what begins alike", () => {
    for (const name of ["deep.txt", "deep-er", "dee"]) put(`site/${name}`, "");
    expect(readBuild(folder, { context: "site" }).context.map(({ path }) => path)).toEqual([
      "Dockerfile",
      "dee",
      "deep",
      "deep/file",
      "deep-er",
      "deep.txt",
      "other",
    ]);
  });
});
