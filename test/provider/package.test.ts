import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { hostProgram } from "../../provider/on-host/load";

const ROOT = join(__dirname, "../..");

const npm = (...args: string[]) =>
  execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** What users get, made as it is for them. */
describe("the package", () => {
  let packed: string[] = [];

  beforeAll(() => {
    npm("run", "-s", "build");
    const [tarball] = JSON.parse(npm("pack", "--dry-run", "--json", "--ignore-scripts")) as [
      { files: { path: string }[] },
    ];
    packed = tarball.files.map(({ path }) => path);
  }, 300_000);

  const programs = readdirSync(join(ROOT, "provider/on-host"), { recursive: true })
    .map(String)
    .filter((name) => /\.(sh|py)$/.test(name));

  it("has the programs that run on hosts, and no others", () => {
    const shipped = packed.filter((path) => /\.(sh|py)$/.test(path));
    expect(shipped.sort()).toEqual(programs.map((name) => `dist/provider/on-host/${name}`).sort());
  });

  it("finds them by its own loader", () => {
    const load = join(ROOT, "dist/provider/on-host/load.js");
    const say = `process.stdout.write(require(${JSON.stringify(load)}).hostProgram("lock/holder.sh"))`;
    const said = execFileSync(process.execPath, ["-e", say], { encoding: "utf8" });
    expect(said).toBe(hostProgram("lock/holder.sh"));
  });

  it("has no sources, tests or lab", () => {
    expect(packed.filter((path) => /^(test|lab|bench|provider|components)\//.test(path))).toEqual(
      [],
    );
  });
});
