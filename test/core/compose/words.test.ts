import { parseDuration } from "../../../provider/core/compose/durations";
import { nearest, validateDnsLabel } from "../../../provider/core/compose/name-rules";
import { splitShellWords } from "../../../provider/core/compose/shell-words";
import { parseSize } from "../../../provider/core/compose/sizes";

describe("command lines", () => {
  it.each<[string, string[]]>([
    ["", []],
    ["  a \t b\n", ["a", "b"]],
    [`a 'b c' "d e"`, ["a", "b c", "d e"]],
    [`a'b'"c"d`, ["abcd"]],
    [`'' ""`, ["", ""]],
    [`a\\ b`, ["a b"]],
    [`"a \\" b"`, ['a " b']],
    [`'a \\n'`, ["a \\n"]],
    [`"a\\nb" c\\td`, ["a\nb", "c\td"]],
    [`"a;b" 'c|d' e\\&f`, ["a;b", "c|d", "e&f"]],
    [`--x=$HOME #no`, ["--x=$HOME", "#no"]],
  ])("%j", (line, words) => {
    expect(splitShellWords(line)).toEqual({ words });
  });

  it.each(["`", ";", "&", "|", "<", ">", "(", ")"])("refuses %s outside quotes", (char) => {
    expect(splitShellWords(`a ${char} b`)).toEqual({
      problem: `has '${char}' outside quotes, and no shell runs it. Quote it, or write [sh, -c, "..."].`,
    });
  });
});

describe("durations", () => {
  it.each<[string, number | undefined]>([
    ["10s", 10],
    ["1m30s", 90],
    ["2h", 7200],
    ["500ms", 0.5],
    ["0.1s", 0.1],
    ["1s100ms", 1.1],
    ["250us", 0.00025],
    ["0", 0],
    ["10", undefined],
    ["s", undefined],
    ["-1s", undefined],
    ["1 s", undefined],
    ["1d", 86400],
    ["1w", 604800],
    [".5s", 0.5],
    ["1.s", 1],
    ["+1s", 1],
    ["1000ns", 0.000001],
    ["3µs", 0.000003],
    ["1D", undefined],
    ["", undefined],
    [`${"9".repeat(30)}h`, undefined],
  ])("%j", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });
});

describe("sizes", () => {
  it.each<[string, number | undefined]>([
    ["0", 0],
    ["100", 100],
    ["100b", 100],
    ["1k", 1024],
    ["1KB", 1024],
    ["1KiB", 1024],
    ["1 mb", 1048576],
    ["0.5g", 536870912],
    ["1t", 1099511627776],
    ["1.3k", 1331],
    ["", undefined],
    ["m", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    ["1ib", undefined],
    ["1p", undefined],
    ["9".repeat(30), undefined],
  ])("%j", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
});

describe("names", () => {
  it.each<[string, string | undefined]>([
    ["port", "ports"],
    ["imgae", "image"],
    ["enviroment", "environment"],
    ["depends-on", "depends_on"],
    ["PORTS", "ports"],
    ["xyz", undefined],
    ["x".repeat(1000), undefined],
  ])("nearest to %s", (name, expected) => {
    expect(nearest(name, ["ports", "image", "environment", "depends_on"])).toBe(expected);
  });

  it("tells what a DNS label is", () => {
    expect(validateDnsLabel("web-1")).toBeUndefined();
    expect(validateDnsLabel("a".repeat(63))).toBeUndefined();
    expect(validateDnsLabel("a".repeat(64))).toMatch(/has 64 characters/);
    expect(validateDnsLabel("")).toMatch(/empty/);
    for (const name of ["A", "a_b", "-a", "a-", "a.b", "ä", "a\n", "a b"])
      expect(validateDnsLabel(name)).toMatch(/is not a DNS label/);
  });
});
