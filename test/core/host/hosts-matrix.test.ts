import { readFileSync } from "fs";
import { join } from "path";
import { completeKind, formatKind, parseKind } from "../../../lab";
import { foreignWords } from "../../long/hosts/foreign-words";
import { KINDS } from "../../long/hosts/kinds";
import { matrixOf, NOT_RUN, reportTable, withMatrix } from "../../long/hosts/matrix";
import type { Results } from "../../long/hosts/results";
import { STEPS } from "../../long/hosts/steps";

const PAGE = readFileSync(join(__dirname, "../../../docs/hosts.md"), "utf8");

test("docs/hosts.md has every kind of host and every step of the matrix", () => {
  const [titles = [], ...rows] = matrixOf(PAGE);
  expect(titles).toEqual(["", ...Object.keys(KINDS)]);
  expect(rows.map(([step]) => step)).toEqual([...STEPS, "run on"]);
  for (const row of rows) expect(row.filter((cell) => cell === "")).toEqual([]);
});

test("every kind is one that the lab makes, and each Docker and store of it is there", () => {
  const made = new Set(
    Object.values(KINDS).flatMap((hosts) =>
      hosts.map((kind) => formatKind(completeKind(parseKind(kind)))),
    ),
  );
  expect([...made].sort()).toEqual([
    "bookworm/20.10/overlay2/weave-2.6.5",
    "trixie/26.1/containerd/weave-as-reweave",
    "trixie/26.1/overlay2/weave-as-reweave",
    "trixie/28/containerd/weave-as-reweave",
    "trixie/28/overlay2/weave-as-reweave",
    "trixie/29/containerd/weave-as-reweave",
    "trixie/29/overlay2/weave-as-reweave",
  ]);
  expect(new Set(KINDS["mixed"]).size).toBe(3);
});

describe("what runs have found", () => {
  const results: Results = {
    "bookworm/20.10": {
      day: "2026-11-28",
      steps: {
        "second `up`": { holds: true, said: "0 changes", seconds: 4 },
        "move home": { holds: false, said: "pulumi up failed: a | b", seconds: 4 },
      },
    },
  };

  it("goes into the page, and stays what it is when it is written again", () => {
    const once = withMatrix(PAGE, results);
    expect(withMatrix(once, results)).toBe(once);
    const [titles = [], ...rows] = matrixOf(once);
    const column = titles.indexOf("bookworm/20.10");
    const cell = (step: string) => rows.find(([name]) => name === step)?.[column];
    expect(cell("second `up`")).toBe("0 changes");
    expect(cell("move home")).toBe("FAILED");
    expect(cell("`up`")).toBe(NOT_RUN);
    expect(cell("run on")).toBe("2026-11-28");
    expect(once.split("<!--")[0]).toBe(PAGE.split("<!--")[0]);
  });

  it("is told with the whole message of what failed", () => {
    expect(reportTable(results)).toContain("bookworm/20.10, move home: pulumi up failed: a | b");
  });

  it("is refused a page without its place", () => {
    expect(() => withMatrix("# Hosts\n", results)).toThrow(/no place for the matrix/);
  });
});

test.each([
  ["Error response from daemon: client version 1.18 is too old.", 1],
  ["    error: (HTTP code 404) no such container - No such container: weave", 1],
  ["error: starting Weave failed on host 'node1': Error response from daemon: ...", 0],
  ["redis runs on host 'node2', down 0.3 s", 0],
])("words of Docker's or Weave's alone: %s", (line, count) => {
  expect(foreignWords(`all is well\n${line}`)).toHaveLength(count);
});
