import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { PulumiProject } from "../../lab";
import { repoRoot } from "../../lab/setup/pulumi";

/** Package managers and compilers of users, by exact version: a test is the same every day. */
export const TOOLS = {
  pnpm: "12.21.0",
  "@yarnpkg/cli-dist": "4.18.1",
  bun: "1.4.5",
  "typescript-4.9": "npm:typescript@4.9.5",
  "typescript-5.9": "npm:typescript@5.9.3",
  "typescript-6": "npm:typescript@6.0.3",
  "typescript-7": "npm:typescript@7.0.2",
  "node-20": `npm:node-linux-${process.arch}@20.20.2`,
};

const execute = promisify(execFile);

async function run(cwd: string, env: NodeJS.ProcessEnv, ...argv: string[]): Promise<string> {
  const [program = "", ...args] = argv;
  try {
    return (await execute(program, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${argv.join(" ")} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Everything lies in one folder: the tarball, the tools, and a project for each case. */
export class Projects {
  private constructor(
    private readonly folder: string,
    readonly tarball: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async make(folder: string): Promise<Projects> {
    const npm = (cwd: string, ...args: string[]) => run(cwd, process.env, "npm", ...args);
    const registry = (await npm(repoRoot, "config", "get", "registry")).trim();
    const packed = await npm(
      repoRoot,
      ...["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    );
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const tools = join(folder, "tools");
    mkdirSync(tools);
    writeFileSync(join(tools, "package.json"), JSON.stringify({ dependencies: TOOLS }));
    await npm(tools, "install", "--no-audit", "--no-fund");
    // npm, pnpm read the machine's own settings; these two are told.
    const env = {
      ...process.env,
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: "*",
      YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
      YARN_NODE_LINKER: "node-modules",
      YARN_ENABLE_SCRIPTS: "false",
      BUN_CONFIG_REGISTRY: registry,
    };
    return new Projects(folder, join(folder, filename), env);
  }

  /**
   * Writes a project of its own, installs it, and returns it; `argv` is the manager's command. Its
   * commands find the programs of `first` before all others.
   */
  async install(
    name: string,
    files: Readonly<Record<string, string>>,
    argv: readonly string[],
    first = "",
  ): Promise<PulumiProject> {
    const program = join(repoRoot, "test/lab/programs/install");
    const project = await PulumiProject.create(program, join(this.folder, name), {
      PATH: `${first}:${process.env["PATH"] ?? ""}`,
    });
    rmSync(join(project.folder, "node_modules"));
    for (const [file, text] of Object.entries(files)) {
      const path = join(project.folder, file);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, text);
    }
    await run(project.folder, this.env, ...argv);
    return project;
  }

  /** The path of a program of one of the tools. */
  tool(name: string): string {
    return join(this.folder, "tools/node_modules/.bin", name);
  }

  /** The folder of a Node that is not this process's. */
  node(version: string): string {
    return join(this.folder, "tools/node_modules", `node-${version}`, "bin");
  }

  compiler(version: string): string {
    return join(this.folder, "tools/node_modules", `typescript-${version}`, "bin/tsc");
  }

  compile(project: PulumiProject, version: string): Promise<string> {
    return run(project.folder, process.env, process.execPath, this.compiler(version), "-p", ".");
  }
}
