import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import type * as Ferry from "../../index";
import type * as Pulumi from "@pulumi/pulumi";
import { freshProgram } from "./fresh-program";
import { allRegistered, inputsOf, TYPES, type Registered } from "./recorder";

const hosts = { node1: { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 A" } };
const FILE = `
services:
  web:
    image: web
    scale: 2
    volumes: ["./conf:/etc/conf:ro", "./data:/data"]
    secrets: [pw, token]
    configs: [greeting]
secrets:
  pw: {file: pw.txt}
  token: {environment: TOKEN}
configs:
  greeting: {content: "hello \${TOKEN}"}
`;

let folder: string;
let registered: Registered[];
let ferry: typeof Ferry;
let pulumi: typeof Pulumi;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-travelling-"));
  mkdirSync(join(folder, "conf"));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "conf", "a"), "one");
  writeFileSync(join(folder, "pw.txt"), "hunter2");
  writeFileSync(join(folder, "compose.yml"), FILE);
  ({ registered, ferry } = freshProgram());
  pulumi = require("@pulumi/pulumi") as typeof Pulumi;
});
afterEach(async () => {
  await allRegistered(registered);
  rmSync(folder, { recursive: true, force: true });
});

async function deploy(): Promise<Record<string, Record<string, unknown>>> {
  const cluster = new ferry.WeaveCluster("net", { hosts, password: "a secret password" });
  new ferry.Deployment("apples", {
    cluster,
    compose: join(folder, "compose.yml"),
    variables: { TOKEN: pulumi.secret("t0ken") },
  });
  await allRegistered(registered);
  return inputsOf(registered, TYPES.replica);
}

/** What state would have of a secret or an output, and of plain values. */
const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "value" in value ? value.value : value;

test("what state keeps is digests, the same for each replica, by the names of the file", async () => {
  const replicas = await deploy();
  const files = plain(replicas["apples-web-0"]!["files"]) as Record<string, unknown>;
  expect(Object.keys(files).sort()).toEqual([
    "./conf",
    "configs/greeting",
    "secrets/pw",
    "secrets/token",
  ]);
  for (const digest of Object.values(files)) expect(plain(digest)).toMatch(/^[0-9a-f]{32}$/);
  expect(plain(replicas["apples-web-1"]!["files"])).toEqual(files);
  expect(JSON.stringify(files)).not.toContain(folder);
});

test("what is secret, and what follows from a secret, is told to the provider", async () => {
  const replicas = await deploy();
  const said = replicas["apples-web-0"]!["secretInputs"] as string[][];
  expect(said.map((path) => path.join(" ")).sort()).toEqual(
    expect.arrayContaining(["files configs/greeting", "files secrets/pw", "files secrets/token"]),
  );
  expect(said).not.toContainEqual(["files", "./conf"]);
});

test("the provider is told where things are on this machine", async () => {
  const replicas = await deploy();
  const { fileSources, folders } = replicas["apples-web-0"]!;
  const sources = plain(fileSources) as Record<string, unknown>;
  expect(plain(sources["./conf"])).toMatchObject({
    path: join(folder, "conf"),
    within: folder,
  });
  expect(plain(sources["secrets/token"])).toMatchObject({ content: "t0ken" });
  expect(Object.values(folders as object)).toEqual([join(folder, "data")]);
});

test.each([
  ["is not there", () => rmSync(join(folder, "pw.txt"))],
  ["out of the folder", () => symlinkSync("/etc/hostname", join(folder, "conf", "out"))],
  ["goes in a circle", () => symlinkSync("..", join(folder, "conf", "up"))],
  ["more than 16 MiB", () => writeFileSync(join(folder, "conf", "big"), Buffer.alloc(17 << 20))],
])("a file that %s ends the program in words", async (words, break_) => {
  break_();
  await expect(deploy()).rejects.toThrow(words);
});
