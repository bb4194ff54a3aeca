import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lab from "../../lab";
import type { Findings } from "../../examples/moby-counter/demo/findings";
import { OwnLab } from "./own-lab";

/** The story that README tells, as a newcomer runs it. */

const ROOT = join(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "ferry-demo-"));

jest.setTimeout(600_000);

interface Demo {
  readonly process: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function startDemo(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Demo {
  const child = spawn(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", "examples/moby-counter/demo.ts", ...args],
    { cwd: ROOT, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  return { process: child, said: () => said, ended };
}

async function waitUntilSaid(demo: Demo, words: string): Promise<void> {
  while (!demo.said().includes(words)) {
    if (demo.process.exitCode !== null) throw new Error(`The demo ended early:\n${demo.said()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A lab of its own: the demo takes it down. */
const own = new OwnLab("demo");

beforeAll(() => own.take());
afterAll(async () => {
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

describe("npm run demo", () => {
  it("leaves nothing once the lab is down, when it was killed in the middle of a move", async () => {
    const demo = startDemo([], own.environment);
    await waitUntilSaid(demo, "pre-copy round 1");
    demo.process.kill("SIGKILL");
    await demo.ended;
    await lab.down(own.lab);
    expect(lab.leftovers(own.lab)).toEqual([]);
  });

  it("then starts afresh, moves redis with its address, its name and its data, and leaves nothing", async () => {
    const file = join(folder, "findings.json");
    const demo = startDemo(["--json", file], own.environment);
    const code = await demo.ended;
    if (code !== 0) throw new Error(`The demo failed:\n${demo.said()}`);
    const findings = JSON.parse(readFileSync(file, "utf8")) as Findings;
    expect(findings).toMatchObject({
      ipPreviewed: findings.ipBefore,
      ipAfter: findings.ipBefore,
      dnsBefore: findings.ipBefore,
      dnsAfter: findings.ipBefore,
      hostBefore: "node1",
      hostAfter: "node2",
      marksBefore: ["100:100", "200:100", "100:200", "200:200"],
      marksAfter: findings.marksBefore,
      writesFound: findings.writesAcknowledged,
      secondUpChanges: 0,
      secretsInClear: [],
      leftovers: [],
    });
    expect(findings.writesAcknowledged).toBeGreaterThan(500);
    expect(findings.bytesCopied).toBeGreaterThan(0);
    expect(findings.downtimeMs).toBeGreaterThan(0);
    expect(findings.providerBytes).toBeLessThan(1024);
    expect(Object.entries(findings.previewMoveOps)).toEqual([
      [expect.stringMatching(/dynamic\/ferry:Replica::apples-redis-0$/), "update"],
    ]);
    expect(lab.leftovers(own.lab)).toEqual([]);
  });
});
