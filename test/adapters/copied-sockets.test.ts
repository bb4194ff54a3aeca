import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wherePython } from "./python-here";
import { hostProgram } from "../../provider/on-host/load";

const DROP_SOCKETS = hostProgram("volume/drop-sockets.sh");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-sockets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const socket = (name: string) =>
  execFileSync("python3", [
    "-ISBc",
    "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
    join(folder, name),
  ]);

const modified = (name: string) => statSync(join(folder, name), { bigint: true }).mtimeNs;

wherePython("sockets that came with a copy", () => {
  test("go, and leave all else as it was, the times of their folders included", () => {
    const inner = "in ner\n";
    mkdirSync(join(folder, inner));
    mkdirSync(join(folder, "quiet"));
    for (const name of ["a.sock", `${inner}/-b 'c`, `${inner}/d`]) socket(name);
    writeFileSync(join(folder, inner, "file"), "");
    execFileSync("sh", ["-c", "mkfifo pipe; ln -s a.sock link"], { cwd: folder });
    execFileSync("touch", ["-d", "1999-01-02 03:04:05.123456789", folder, join(folder, inner)]);
    const before = [".", inner, "quiet"].map(modified);

    const { status, stderr } = spawnSync("sh", ["-c", DROP_SOCKETS, "sh", folder]);

    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: "" });
    const left = execFileSync("find", [folder, "-mindepth", "1", "-printf", "%y\\n"]).toString();
    expect(left.trim().split("\n").sort().join("")).toBe("ddflp");
    expect([".", inner, "quiet"].map(modified)).toEqual(before);
  });

  test("may be none", () => {
    expect(spawnSync("sh", ["-c", DROP_SOCKETS, "sh", folder]).status).toBe(0);
    expect(existsSync(folder)).toBe(true);
  });
});
