import { spawnSync } from "child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "fs";
import { tmpdir } from "os";
import { join } from "path";
import {
  hostJournals,
  READ,
  READ_ALL,
  REMOVE,
  WRITE,
} from "../../provider/adapters/journal/host-journals";
import { COMMITTED_MARK, formatEntry, type JournalEntry } from "../../provider/core/move/journal";
import type { Host } from "../../provider/core/adapter-ports";

const REPLICA = "shop/prod/apples/redis/0";
const ENTRY: JournalEntry = {
  version: 2,
  replica: REPLICA,
  role: "home",
  epoch: 3,
  volumes: ["apples_data"],
};

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-journals-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The script as it runs on a host; programs in `bin` come before the machine's own. */
function sh(script: string, ...args: string[]) {
  const env = { ...process.env, PATH: `${at("bin")}:${process.env["PATH"] ?? ""}` };
  const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...args], { input: script, env });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** A disk that answers every look with an error. */
function failing(program: string, says: string) {
  mkdirSync(at("bin"), { recursive: true });
  writeFileSync(at("bin", program), `#!/bin/sh\necho "${program}: ${says}" >&2\nexit 2\n`);
  chmodSync(at("bin", program), 0o755);
}

describe("reading", () => {
  const read = () => sh(READ, at("journals", "a", "journal.json"), at("journals", "a", "old.json"));

  test("nothing there is told as that, whether or not its folder is there", () => {
    expect(read().status).toBe(44);
    mkdirSync(at("journals", "a"), { recursive: true });
    expect(read().status).toBe(44);
    writeFileSync(at("journals", "a", "old.json"), "before\n");
    expect(read()).toMatchObject({ status: 0, stdout: "before\n" });
    writeFileSync(at("journals", "a", "journal.json"), "now\n");
    expect(read()).toMatchObject({ status: 0, stdout: "now\n" });
  });

  test.each<[string, () => void]>([
    ["a disk that cannot be read", () => failing("ls", "Input/output error")],
    ["a folder that cannot be looked into", () => failing("ls", "Permission denied")],
    [
      "a way there that leads nowhere",
      () => {
        mkdirSync(at("journals"));
        symlinkSync("a", at("journals", "a"));
      },
    ],
    [
      "a journal that is a link to itself",
      () => {
        mkdirSync(at("journals", "a"), { recursive: true });
        symlinkSync("journal.json", at("journals", "a", "journal.json"));
      },
    ],
    [
      "a file in the place of its folder",
      () => {
        mkdirSync(at("journals"));
        writeFileSync(at("journals", "a"), "");
      },
    ],
  ])("%s is never taken for nothing", (_name, arrange) => {
    arrange();
    const { status, stderr } = read();
    expect(status).not.toBe(44);
    expect(status).not.toBe(0);
    expect(stderr).not.toBe("");
  });

  test("of all replicas gives each once, also with none", () => {
    expect(sh(READ_ALL, at("journals"))).toMatchObject({ status: 0, stdout: "" });
    for (const name of ["a", "b"]) {
      mkdirSync(at("journals", name), { recursive: true });
      writeFileSync(at("journals", name, "journal.json"), `${name}\n`);
    }
    expect(sh(READ_ALL, at("journals")).stdout.split("\n").filter(Boolean)).toEqual(["a", "b"]);
    failing("ls", "Input/output error");
    expect(sh(READ_ALL, at("journals")).status).toBe(1);
  });
});

describe("taking back", () => {
  const path = () => at("a", "journal.json");
  const write = () =>
    sh(WRITE, at("a"), path(), at("a", "old.json"), formatEntry(ENTRY), COMMITTED_MARK);

  test("writes where nothing is, and over what is not committed", () => {
    expect(write().status).toBe(0);
    expect(write().status).toBe(0);
    expect(readFileSync(path(), "utf8")).toBe(formatEntry(ENTRY));
  });

  test("does not write over a commit, nor over what cannot be read", () => {
    mkdirSync(at("a"));
    writeFileSync(path(), `{${COMMITTED_MARK}}\n`);
    expect(write().status).toBe(45);
    failing("grep", "Input/output error");
    expect(write().status).toBe(1);
    failing("ls", "Input/output error");
    expect(write().status).toBe(1);
    expect(readFileSync(path(), "utf8")).toBe(`{${COMMITTED_MARK}}\n`);
  });
});

test("a removal that fails is told", async () => {
  mkdirSync(at("a"));
  failing("rm", "Read-only file system");
  expect(sh(REMOVE, at("a")).status).toBe(1);
  const host = {
    name: "node1",
    shell: { script: () => Promise.resolve({ exitCode: 1, stdout: "", stderr: "rm: no\n" }) },
  } as unknown as Host;
  const trouble = { fault: { kind: "trouble", host: "node1", reason: "rm: no" } };
  await expect(hostJournals.remove(host, REPLICA)).rejects.toMatchObject(trouble);
  await expect(hostJournals.read(host, REPLICA)).rejects.toMatchObject(trouble);
});
