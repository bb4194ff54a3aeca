import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join, relative } from "path";
import type * as Pulumi from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { allRegistered, inputsOf, TYPES, type Registered } from "./recorder";

const DIGEST = `@sha256:${"a".repeat(64)}`;

/** As @pulumi/docker registers it. */
function dockerPackage() {
  const { CustomResource } = require("@pulumi/pulumi") as typeof Pulumi;
  return {
    Image: class extends CustomResource {
      constructor(name: string, args: { imageName: unknown }, opts?: object) {
        super("docker:index/image:Image", name, { ...args, repoDigest: undefined }, opts);
      }
    },
  };
}

const hosts = { node1: { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 A" } };

let folder: string;
let registered: Registered[];
let ferry: typeof Ferry;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-pushed-"));
  mkdirSync(join(folder, "site"));
  writeFileSync(join(folder, "site/Dockerfile"), "FROM a\n");
});
// What a program has declared is registered a little later: let it end in the test that declared it.
afterEach(async () => {
  await allRegistered(registered);
  rmSync(folder, { recursive: true, force: true });
});

function program(services: string, registry: Ferry.RegistryArgs, isInstalled = true): void {
  ({ registered, ferry } = freshProgram());
  if (isInstalled) jest.doMock("@pulumi/docker", dockerPackage, { virtual: true });
  else jest.dontMock("@pulumi/docker");
  writeFileSync(join(folder, "compose.yml"), `services:\n  ${services}\n`);
  const cluster = new ferry.WeaveCluster("net", { hosts, password: "a secret password" });
  new ferry.Deployment("apples", { cluster, compose: join(folder, "compose.yml"), registry });
}

const GHCR = { server: "ghcr.io", username: "shop", password: "pw" };

test("an image is built and pushed by @pulumi/docker, and pulled by its digest", async () => {
  program("web: { build: { context: site, target: t, args: { A: b }, network: host } }", {
    ...GHCR,
    repository: "ghcr.io/shop",
  });
  await allRegistered(registered);
  const image = inputsOf(registered, TYPES.dockerImage)["apples-web"]!;
  expect(image).toMatchObject({
    imageName: expect.stringMatching(/^ghcr\.io\/shop\/apples-web:[0-9a-f]{16}$/),
    registry: GHCR,
    build: {
      context: relative(process.cwd(), join(folder, "site")),
      dockerfile: relative(process.cwd(), join(folder, "site/Dockerfile")),
      target: "t",
      args: { A: "b" },
      network: "host",
    },
  });
  const replica = inputsOf(registered, TYPES.replica)["apples-web-0"]!;
  expect((replica["spec"] as { image: string }).image).toBe(`ghcr.io/shop/apples-web${DIGEST}`);
  expect(replica["build"]).toBeUndefined();
  const { value } = replica["registries"] as { value: string };
  expect(JSON.parse(value)).toEqual({
    "ghcr.io": { username: "shop", password: "pw" },
  });
});

test.each([
  ["shop/web:2", /^ghcr\.io\/shop\/web:2-[0-9a-f]{16}$/],
  ["ghcr.io/other/web", /^ghcr\.io\/other\/web:[0-9a-f]{16}$/],
])("`image` is its name: %s", async (image, expected) => {
  program(`web: { build: site, image: "${image}" }`, { server: "ghcr.io" });
  await allRegistered(registered);
  expect(inputsOf(registered, TYPES.dockerImage)["apples-web"]!["imageName"]).toMatch(expected);
});

test("what is not built is left alone", async () => {
  program('web: { image: "redis:7" }', GHCR);
  await allRegistered(registered);
  expect(inputsOf(registered, TYPES.dockerImage)).toEqual({});
});

test.each([
  ["secrets: [a]", "secrets"],
  ["labels: [a=b]", "labels"],
  ["ssh: default", "ssh"],
  ["dockerfile_inline: FROM a", "dockerfile_inline"],
  ["additional_contexts: { b: site }", "additional_contexts"],
])("@pulumi/docker has no word for %s", (lines, key) => {
  const said = `web: { build: { context: site, ${lines} } }\nsecrets: { a: { content: b } }`;
  expect(() => program(said, GHCR)).toThrow(
    `Deployment 'apples': service 'web': build.${key}: with \`registry\` @pulumi/docker builds it, which has no such setting. Remove it, or leave out \`registry\`: the hosts build it then.`,
  );
});

test("who has not installed it is told so", () => {
  expect(() => program("web: { build: site }", GHCR, false)).toThrow(
    "`registry` builds and pushes images by resources of @pulumi/docker, which is not installed: `npm install @pulumi/docker`.",
  );
});
