import fc from "fast-check";
import { explainDifferences } from "../../../provider/core/move/explain-differences";

const record = (kind: string, path: string, facts = "f mode 644") =>
  `${kind}${facts}\t././${path}\0`;
const unexplained = (...records: string[]) => explainDifferences(records.join("")).unexplained;

describe("differences between a running source and its copy", () => {
  test("none need no explanation", () => {
    expect(unexplained()).toEqual([]);
    expect(unexplained("Y./a\0", "Y.\0")).toEqual([]);
  });

  test("a file that changed since explains itself, and nothing else", () => {
    expect(unexplained(record("<", "a"), record(">", "a"), "Y./a\0")).toEqual([]);
    expect(unexplained(record("<", "a"), record(">", "a"), "Y./b\0")).toEqual(["a"]);
  });

  test("a changed folder explains what came or went in it, but no content", () => {
    expect(unexplained(record("<", "d/new"), "Y./d\0")).toEqual([]);
    expect(unexplained(record(">", "d/gone"), "Y./d\0")).toEqual([]);
    expect(unexplained(record("<", "d/file"), record(">", "d/file"), "Y./d\0")).toEqual(["d/file"]);
    expect(unexplained(record("<", "new"), "Y.\0")).toEqual([]);
  });

  test("a whole folder that came or went takes its contents along", () => {
    const gone = [
      record(">", "a/b", "d mode 755"),
      record(">", "a/b/c", "d mode 755"),
      record(">", "a/b/c/d"),
    ];
    expect(unexplained(...gone, "Y./a\0")).toEqual([]);
    expect(unexplained(...gone)).toEqual(["a/b", "a/b/c", "a/b/c/d"]);
    // The folder above is there on both sides and has not changed: its file must have been copied.
    expect(unexplained(record("<", "a/b/c"), "Y./a\0")).toEqual(["a/b/c"]);
  });

  test("names may hold anything", () => {
    const odd = "n\new\tline -> 'x'";
    expect(unexplained(record("<", odd), record(">", odd), `Y./${odd}\0`)).toEqual([]);
    const link = record("<", "link", 'l to "else\twhere" owner 0:0');
    expect(unexplained(link, "Y./link\0")).toEqual([]);
  });

  test("whatever is neither changed nor in a changed or vanished folder stays unexplained", () => {
    const name = fc.constantFrom("a", "b", "c", "d");
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1 }),
        fc.uniqueArray(path),
        (changed, changedSince) => {
          const both = changed.flatMap((each) => [record("<", each), record(">", each)]);
          const left = unexplained(...both, ...changedSince.map((each) => `Y./${each}\0`));
          expect([...left].sort()).toEqual(
            changed.filter((each) => !changedSince.includes(each)).sort(),
          );
        },
      ),
    );
  });
});
