import { spawnSync } from "child_process";
import fc from "fast-check";
import { shellsHere } from "./shells-here";
import { describeCommand, quote } from "../../provider/adapters/ssh/quote";

/** Words that a shell would make something of, and anything that UTF-8 can say, NUL left out. */
const word = fc.oneof(
  fc.constantFrom("", "-", "--", "if", "a=b", "~", "*", "$(touch x)", "`id`", "\\", "'", "\n", "!"),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\0", "")),
  fc
    .array(fc.constantFrom(...Array.from("'\\\"$`! \n\t;&|<>(){}[]*?~#=%a\x01\x7f\r")))
    .map((c) => c.join("")),
);

function echoedBy(shell: string, words: readonly string[]): string[] {
  const line = quote(["printf", "%s\\0", ...words]);
  const [program = "", ...args] = shell.split(" ");
  const { stdout, status } = spawnSync(program, [...args, "-c", line]);
  expect(status).toBe(0);
  return stdout.toString().split("\0").slice(0, -1);
}

describe("quote", () => {
  test.each(["sh", ...shellsHere])("what goes through %s comes out the same", (shell) => {
    const words = fc.array(word, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, (given) => {
        expect(echoedBy(shell, given)).toEqual(given);
      }),
      { numRuns: 100 },
    );
  });

  test("a second shell behind the first takes it just as well", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (given) => {
        const inner = quote(["printf", "%s\\0", ...given]);
        expect(echoedBy("sh", [inner])).toEqual([inner]);
        const { stdout } = spawnSync("sh", ["-c", quote(["sh", "-c", inner])]);
        expect(stdout.toString().split("\0").slice(0, -1)).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  test("the first word is a program, never a keyword, an assignment or an alias", () => {
    for (const name of ["if", "FOO=bar", "!", "~"]) {
      const { stderr, status } = spawnSync("sh", ["-c", quote([name])]);
      expect(status).toBe(127);
      expect(stderr.toString()).toContain("not found");
    }
  });

  test("what no program can be given is refused", () => {
    expect(() => quote([])).toThrow("at least a program's name");
    expect(() => quote(["echo", "a\0b"])).toThrow("NUL");
  });

  test("messages show plain words bare, on one line, and not too many of them", () => {
    expect(describeCommand(["weave", "attach", "10.40.0.2/24", "a b"])).toBe(
      "weave attach 10.40.0.2/24 'a b'",
    );
    expect(describeCommand(["sh", "-c", "a\nb"])).toBe("sh -c 'a b'");
    expect(describeCommand(["x".repeat(500)])).toHaveLength(163);
  });
});
