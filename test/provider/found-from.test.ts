import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const BUILT = join(__dirname, "../../dist/provider/resources/found-from.js");

/** Asked of Node itself: jest has its own way to find modules. */
function foundFrom(from: string): string {
  const program = `process.stdout.write(require(process.argv[1]).foundFrom(process.argv[2]))`;
  return execFileSync(process.execPath, ["-e", program, BUILT, from], { encoding: "utf8" });
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ferry-found-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A package's folder below `folder`, with what it exports as an empty file. */
function place(at: string, name: string, file: string): string {
  const path = join(folder, at, name);
  mkdirSync(join(path, dirname(file)), { recursive: true });
  writeFileSync(join(path, "package.json"), JSON.stringify({ name }));
  writeFileSync(join(path, file), "");
  return path;
}
const ferry = (at: string) => place(at, "pulumi-ferry", "provider/handlers.js");
const sdk = (at: string) => place(at, "@pulumi/pulumi", "cmd/dynamic-provider/index.js");

test("beside the program, or above it as in a workspace", () => {
  ferry("node_modules");
  sdk("node_modules");
  mkdirSync(join(folder, "infra"));
  expect(foundFrom(folder)).toBe("program");
  expect(foundFrom(join(folder, "infra"))).toBe("program");
});

test("beside the SDK, as pnpm has what only another package asks for", () => {
  const real = sdk("node_modules/.pnpm/pulumi/node_modules");
  ferry("node_modules/.pnpm/node_modules");
  mkdirSync(join(folder, "node_modules/@pulumi"), { recursive: true });
  symlinkSync(real, join(folder, "node_modules/@pulumi/pulumi"));
  expect(foundFrom(folder)).toBe("sdk");
});

test("in a folder of its own that nothing leads to", () => {
  sdk("node_modules");
  ferry("elsewhere/node_modules");
  expect(foundFrom(folder)).toBe("nowhere");
});

test("no SDK, and so no engine, is no reason to complain", () => {
  expect(foundFrom(folder)).toBe("program");
});
