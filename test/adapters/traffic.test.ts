import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OneOffKey } from "../../provider/adapters/move-key/one-off-key";
import { Compression } from "../../provider/adapters/volume/traffic";
import type { CopyRoute } from "../../provider/core/move/move-ports";

let folder: string;
/** What the target says when the link is measured: bytes per second. */
let measured: number;
let asked: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-traffic-"));
  measured = 5e6;
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const key = { sshConfig: "/none" } as OneOffKey;

const routeWith = (maxBandwidth?: number): CopyRoute => {
  const source = {
    shell: {
      script: (script: string, args: readonly string[]) => {
        asked.push("sample");
        const { stdout } = spawnSync("sh", ["-c", script, "sh", ...args]);
        return Promise.resolve({ exitCode: 0, stdout: stdout.toString(), stderr: "" });
      },
    },
  };
  const target = {
    shell: {
      script: () => {
        asked.push("link");
        return Promise.resolve({ exitCode: 0, stdout: `${measured}\n`, stderr: "" });
      },
    },
  };
  const paths = [{ name: "v", source: folder, target: "/none" }];
  const limit = maxBandwidth === undefined ? {} : { maxBandwidth };
  return { source, target, paths, ...limit } as unknown as CopyRoute;
};

const decide = async (maxBandwidth?: number, possible = true) => {
  const compression = new Compression(routeWith(maxBandwidth), key, possible);
  await compression.measure();
  await compression.measure();
  return compression;
};

const text = (bytes: number) => "all work and no play ".repeat(Math.ceil(bytes / 21));

describe("copying is compressed", () => {
  test("where both the link and a sample of the data say so, and each is looked at once", async () => {
    writeFileSync(join(folder, "large"), text(5e6));
    expect((await decide()).pays).toBe(true);
    expect(asked).toEqual(["link", "sample"]);
  });

  test("by what a folder of small files with odd names holds", async () => {
    mkdirSync(join(folder, "in ner\n"));
    for (let n = 0; n < 50; n++) writeFileSync(join(folder, `in ner\n/-${n} '"`), text(3000));
    expect((await decide()).pays).toBe(true);
  });

  test("under a limit without a look at the link", async () => {
    writeFileSync(join(folder, "large"), text(5e6));
    expect((await decide(2e6)).pays).toBe(true);
    expect(asked).toEqual(["sample"]);
  });

  test("no more when a round shows that the link is fast after all", async () => {
    writeFileSync(join(folder, "large"), text(5e6));
    const compression = await decide();
    compression.learn(1e6, 1);
    expect(compression.pays).toBe(true);
    compression.learn(200e6, 1000);
    expect(compression.pays).toBe(false);
  });
});

describe("copying is not compressed", () => {
  test("on a fast link, and the data is not even looked at", async () => {
    measured = 120e6;
    writeFileSync(join(folder, "large"), text(5e6));
    expect((await decide()).pays).toBe(false);
    expect(asked).toEqual(["link"]);
  });

  test("when the data does not get smaller", async () => {
    writeFileSync(join(folder, "large"), randomBytes(3e6));
    expect((await decide(2e6)).pays).toBe(false);
  });

  test("when there is no data, or the link could not be measured", async () => {
    expect((await decide()).pays).toBe(false);
    measured = 0;
    writeFileSync(join(folder, "large"), text(5e6));
    expect((await decide()).pays).toBe(false);
  });

  test("when a host's rsync has no zstd: nothing is asked then", async () => {
    expect((await decide(2e6, false)).pays).toBe(false);
    expect(asked).toEqual([]);
  });
});
