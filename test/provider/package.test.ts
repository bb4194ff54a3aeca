import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { hostProgram } from "../../provider/on-host/load";

const ROOT = join(__dirname, "../..");

const npm = (...args: string[]) =>
  execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** What users get, made as it is for them. */
describe("the package", () => {
  let packed: string[] = [];
  let sizes = { packed: 0, unpacked: 0 };

  beforeAll(() => {
    npm("run", "-s", "build");
    const [tarball] = JSON.parse(npm("pack", "--dry-run", "--json", "--ignore-scripts")) as [
      { files: { path: string }[]; size: number; unpackedSize: number },
    ];
    packed = tarball.files.map(({ path }) => path);
    sizes = { packed: tarball.size, unpacked: tarball.unpackedSize };
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

  it("has what package.json says that users load", () => {
    const { main, types, exports } = JSON.parse(
      readFileSync(join(ROOT, "package.json"), "utf8"),
    ) as {
      main: string;
      types: string;
      exports: Record<string, string | Record<string, string>>;
    };
    const loaded = [main, types, ...Object.values(exports).flatMap((of) => Object.values({ of }))]
      .flatMap((of) => (typeof of === "string" ? [of] : Object.values(of)))
      .map((path) => path.replace("./", ""));
    expect(loaded.length).toBeGreaterThan(6);
    expect(loaded.filter((path) => !packed.includes(path))).toEqual([]);
  });

  it("has no fakes, no notes of the compiler, and no maps to sources that are not there", () => {
    const useless = /\/fakes\/|tsbuildinfo|\.map$/;
    expect(packed.filter((path) => useless.test(path))).toEqual([]);
    const built = packed.filter((path) => path.endsWith(".js"));
    const mapped = built.filter((path) =>
      readFileSync(join(ROOT, path), "utf8").includes("//# sourceMappingURL"),
    );
    expect(mapped).toEqual([]);
    // What is left out is asked for by nothing that is left in.
    const asking = built.filter((path) =>
      /require\("[^"]*fakes\//.test(readFileSync(join(ROOT, path), "utf8")),
    );
    expect(asking).toEqual([]);
  });

  it("takes its dependencies by caret, and what they are loads in CommonJS on any Node 20", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(Object.values(dependencies).filter((range) => !range.startsWith("^"))).toEqual([]);
    const names = JSON.stringify(Object.keys(dependencies));
    const plain = ["--no-experimental-require-module", "-e", `${names}.forEach(require)`];
    expect(execFileSync(process.execPath, plain, { cwd: ROOT, encoding: "utf8" })).toBe("");
  });

  it("has what `pulumi package add` starts and asks", () => {
    const needed = ["PulumiPlugin.yaml", "languages/index.js", "tools/prepare.js"];
    expect(needed.filter((path) => !packed.includes(path))).toEqual([]);
    const serve = `require(${JSON.stringify(ROOT)})()`;
    const schema = JSON.parse(
      execFileSync(process.execPath, [
        join(__dirname, "../engine/ask-schema.js"),
        ...[process.execPath, "-e", serve],
      ]).toString(),
    ) as { name: string; resources: object };
    expect(schema.name).toBe("pulumi-ferry");
    expect(Object.keys(schema.resources).sort()).toEqual(
      ["Deployment", "FlockerVolume", "Peer", "ServiceReplica", "WeaveCluster"].map(
        (name) => `pulumi-ferry:index:${name}`,
      ),
    );
  });

  it("is small", () => {
    expect(sizes.unpacked).toBeGreaterThan(1_000_000);
    expect(sizes.unpacked).toBeLessThan(2_950_000);
    expect(sizes.packed).toBeLessThan(875_000);
  });

  it("has no sources, tests or lab", () => {
    expect(
      packed.filter((path) => /^(test|testing|lab|bench|provider|components)\//.test(path)),
    ).toEqual([]);
  });
});
