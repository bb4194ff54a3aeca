import { existsSync, readFileSync } from "fs";
import { join } from "path";

const root = join(__dirname, "../..");
const rows = readFileSync(join(root, "docs/guarantees.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (Topic|-)/.test(line))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("docs/guarantees.md", () => {
  it("has each guarantee once, sorted by topic", () => {
    expect(rows.length).toBeGreaterThan(30);
    const topics = rows.map(([topic]) => topic);
    expect(topics).toEqual([...topics].sort());
    const guarantees = rows.map(([, guarantee]) => guarantee);
    expect(guarantees).toEqual([...new Set(guarantees)]);
  });

  it.each(rows.map(([, guarantee, tests]) => [guarantee, tests]))(
    "%s: the tests that hold it are there",
    (_guarantee, tests) => {
      const named = [...(tests ?? "").matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? "");
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    },
  );
});
