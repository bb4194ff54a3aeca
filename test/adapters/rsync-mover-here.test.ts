import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RsyncMover } from "../../provider/adapters/volume/rsync-mover";
import type { CopyRoute } from "../../provider/core/move/move-ports";
import type { Host } from "../../provider/core/adapter-ports";
import { allThatIsKept } from "./all-that-is-kept";
import { whereRsync } from "./rsync-here";
import { ServedHere } from "./served-here";

let side: ServedHere;

beforeEach(() => {
  side = new ServedHere({});
  side.program("ssh", `shift 3; SSH_ORIGINAL_COMMAND=$* exec sh "${side.served}/serve"`);
});

afterEach(() => side.remove());

/** This machine; scripts come by standard input, as they do to a host. */
const here = (): Host =>
  ({
    name: "here",
    shell: {
      script: (input: string, args: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...args], {
          env: side.env(),
          input,
          encoding: "utf8",
        });
        return Promise.resolve({ exitCode: status ?? 1, stdout, stderr });
      },
      writeFile: (path: string, text: string) => {
        writeFileSync(path, text);
        return Promise.resolve();
      },
      stream: ({ argv: [program = "", ...args] }: { argv: readonly string[] }) => {
        const running = spawn(program, args, { env: side.env() });
        let stderr = "";
        running.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
        const done = new Promise((resolve) =>
          running.on("close", (exitCode) => resolve({ exitCode, stdout: "", stderr })),
        );
        return Promise.resolve({ stdin: running.stdin, stdout: running.stdout, done });
      },
    },
  }) as unknown as Host;

function moverOf(more: Partial<CopyRoute> = {}): RsyncMover {
  const route: CopyRoute = {
    replica: "a/b/c/d/0",
    source: here(),
    target: here(),
    paths: [{ name: "v", source: side.source, target: side.target }],
    progress: { info: () => undefined, warn: () => undefined },
    label: "mv/here",
    ...more,
  };
  const key = {
    sshConfig: "config",
    directory: side.folder,
    served: side.served,
    lockFile: "/none",
    probe: () => Promise.resolve(undefined),
    remove: () => Promise.resolve(),
  };
  const capabilities = { rsync: [3, 2, 7], programs: new Set<string>() };
  return new RsyncMover(route, key, capabilities, capabilities);
}

const on = (folder: string, script: string) =>
  expect(side.run(`set -e; cd "$1"; ${script}`, folder)).toMatchObject({ status: 0, stderr: "" });

const equal = () => expect(allThatIsKept(side.target)).toBe(allThatIsKept(side.source));

whereRsync("copying in rounds", () => {
  test("finds what has the size and time that it had, in the next round and in the last one", async () => {
    on(side.source, "for f in 1 2 3; do echo old >$f; touch -d @1000 $f; done; ln 3 4");
    const mover = moverOf();
    await mover.round({ final: false });
    equal();
    // On a file system that does not keep the time of every change there is nothing more to test.
    if (!existsSync(join(side.served, "cut/next-0"))) return;
    on(side.source, "echo new >1; touch -d @1000 1; cp 3 5; mv 5 4; sleep 1");
    await mover.round({ final: false });
    equal();
    on(side.source, "echo new >2; touch -d @1000 2; sleep 1");
    await mover.distrustRecent();
    const { filesChanged } = await mover.round({ final: true });
    expect(filesChanged).toBe(1);
    equal();
  });

  test("looks into all that it finds at first", async () => {
    on(side.source, "for f in 1 2 3; do echo new >$f; touch -d @1000 $f; done");
    on(side.target, "for f in 1 2; do echo old >$f; touch -d @1000 $f; done; ln 2 3");
    await moverOf().round({ final: true });
    equal();
  });
});
