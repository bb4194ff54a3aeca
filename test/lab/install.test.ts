import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { Projects } from "../install/projects";

/**
 * The packed tarball in empty projects, as users' package managers install it, previewed by the real
 * engine. A first preview touches no host, so that there are none.
 */

jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), "ferry-install-"));
let projects: Projects;

beforeAll(async () => {
  projects = await Projects.make(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOSTS = `{
  node1: { host: "127.0.0.1", hostKey: "ssh-ed25519 AAAA", password: "none" },
  node2: { host: "127.0.0.2", hostKey: "ssh-ed25519 AAAA", password: "none" },
}`;
const PROGRAM = `
const cluster = new ferry.WeaveCluster("net", { hosts: ${HOSTS} });
const compose = "services: { db: { image: 'redis:7', volumes: ['data:/data'] } }\\nvolumes: { data: {} }\\n";
const apples = new ferry.Deployment("apples", { cluster, compose });
`;
const COMMONJS = `const ferry = require("pulumi-ferry");${PROGRAM}exports.subnet = apples.subnet;\n`;
const MODULE = `import * as ferry from "pulumi-ferry";${PROGRAM}export const subnet = apples.subnet;\n`;

/** A user's unit test, whatever runs it: no engine is asked. */
const UNIT_TEST = `
const pulumi = require("@pulumi/pulumi");
const { fakeCluster, ferryMocks } = require("pulumi-ferry/testing");
void pulumi.runtime.setMocks(ferryMocks());
const ferry = require("pulumi-ferry");
const compose = "services: { db: { image: 'redis:7' } }\\n";
const apples = new ferry.Deployment("apples", { cluster: fakeCluster(), compose });
apples.replica("db").ip.apply((ip) => console.log(ip));
`;
const UNIT_TYPES = `
import * as pulumi from "@pulumi/pulumi";
import { fakeCluster, ferryMocks } from "pulumi-ferry/testing";
void pulumi.runtime.setMocks(ferryMocks({ call: ({ inputs }) => inputs }));
export const names: pulumi.Output<string[]> = fakeCluster("net", { hosts: ["one"] }).hostNames;
`;

const manifest = (dependencies: object, more: object = {}) =>
  JSON.stringify({ name: "shop", private: true, dependencies, ...more });
const both = (sdk: string) => ({ "pulumi-ferry": projects.tarball, "@pulumi/pulumi": sdk });

async function expectPlanned(project: PulumiProject): Promise<void> {
  const preview = await project.quietly(["preview"]);
  expect(preview).toMatch(/subnet: "10\.40\.0\.0\/27"/);
  expect(preview).toMatch(/dynamic\/ferry:Replica apples-db-0 create/);
}

test("npm, CommonJS, the oldest SDK and the oldest Node that Ferry takes", async () => {
  const files = {
    "package.json": manifest(both("3.200.0")),
    "index.js": `${COMMONJS}exports.node = process.version;\n`,
    "unit.js": UNIT_TEST,
  };
  const argv = ["npm", "install", "--no-audit", "--no-fund"];
  const project = await projects.install("npm", files, argv, projects.node("20"));
  await expectPlanned(project);
  expect(await project.quietly(["preview"])).toMatch(/node *: "v20\./);
  const node = join(projects.node("20"), "node");
  expect(execFileSync(node, ["unit.js"], { cwd: project.folder, encoding: "utf8" })).toBe(
    "10.40.0.2\n",
  );
});

test("Yarn with node_modules, an ES module, the newest SDK", async () => {
  const files = {
    "package.json": manifest(both("^3.276.0"), { type: "module" }),
    "index.js": MODULE,
    "yarn.lock": "",
  };
  await expectPlanned(await projects.install("yarn", files, [projects.tool("yarn"), "install"]));
});

test("pnpm, with Ferry below a package of the user's own alone", async () => {
  const files = {
    "package.json": manifest({ components: "file:./components", "@pulumi/pulumi": "^3.276.0" }),
    "components/package.json": JSON.stringify({
      ...{ name: "components", version: "1.0.0", main: "index.js" },
      dependencies: { "pulumi-ferry": projects.tarball },
      peerDependencies: { "@pulumi/pulumi": "^3.0.0" },
    }),
    "components/index.js": COMMONJS,
    "index.js": 'exports.subnet = require("components").subnet;\n',
  };
  const argv = [projects.tool("pnpm"), "install", "--ignore-scripts"];
  await expectPlanned(await projects.install("pnpm", files, argv));
});

describe("Bun, in TypeScript", () => {
  let project: PulumiProject;

  test("previews", async () => {
    const files = {
      "package.json": manifest({
        ...both("^3.276.0"),
        ...{ "@types/node": "22.20.5", typescript: "5.9.3" },
      }),
      "index.ts": MODULE,
      "unit.ts": UNIT_TYPES,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          ...{ target: "es2020", module: "node16", moduleResolution: "node16" },
          ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
          ...{ noEmit: true, skipLibCheck: true, types: ["node"] },
        },
        files: ["index.ts", "unit.ts"],
      }),
    };
    project = await projects.install("bun", files, [projects.tool("bun"), "install"]);
    await expectPlanned(project);
  });

  test.each(["4.9", "5.9", "6", "7"])("TypeScript %s takes its types", async (version) => {
    await projects.compile(project, version);
  });
});
