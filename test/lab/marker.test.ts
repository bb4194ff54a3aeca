import { appendFileSync, chmodSync, mkdtempSync, renameSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, makeMarker } from "../long/move/marker";

/** By this sum the fault matrix knows whether data came over as it was. */
describe.each<[string, number | undefined, string]>([
  ["a large file", undefined, ""],
  ["small files", 150, "1/120"],
])("the sum of %s", (_what, smallFiles, inner) => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ferry-marker-"));
    path = join(folder, "marker");
    makeMarker(path, smallFiles);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each<[string, (file: string) => void]>([
    ["another byte", (file) => appendFileSync(file, "x")],
    ["another mode", (file) => chmodSync(file, 0o4711)],
    ["another time", (file) => utimesSync(file, 1, 2)],
  ])("tells of %s", (_name, change) => {
    const before = digestOf(path);
    expect(digestOf(path)).toBe(before);
    change(join(path, inner));
    expect(digestOf(path)).not.toBe(before);
  });

  test("tells that it is not there", () => {
    renameSync(path, join(folder, "elsewhere"));
    expect(digestOf(path)).toBeUndefined();
  });
});

test("tells of a file that has another name", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-marker-"));
  makeMarker(folder, 3);
  const before = digestOf(folder);
  renameSync(join(folder, "0/1"), join(folder, "0/9"));
  expect(digestOf(folder)).not.toBe(before);
  rmSync(folder, { recursive: true });
});
