import { ignoreRules } from "../../../provider/core/build/ignore";

/** By the rules that Docker's documentation has, and by what its own matcher does. */
describe(".dockerignore", () => {
  it.each<[string, string[], string[]]>([
    ["node_modules", ["node_modules", "node_modules/a/b"], ["a/node_modules", "node_modules2"]],
    ["**/node_modules", ["node_modules", "a/b/node_modules", "a/node_modules/c"], ["modules"]],
    ["*.log", ["a.log", "a.log/b"], ["b/a.log", "alog"]],
    ["**/*.log", ["a.log", "b/c/a.log"], ["a.logs"]],
    ["*/temp*", ["a/temp", "a/temporary.txt"], ["temp", "a/b/temp"]],
    ["temp?", ["tempa"], ["temp", "tempab", "temp/"]],
    ["/dist/", ["dist", "dist/a"], ["a/dist"]],
    ["./dist", ["dist"], ["a/dist"]],
    ["a/../b", ["b"], ["a"]],
    ["# no\n\n  b  ", ["b"], ["# no", "a"]],
    ["*\n!keep", ["a", "a/keep"], ["keep", "keep/a"]],
    ["*\n!keep\nkeep/not", ["keep/not"], ["keep/this"]],
    ["!a\na", ["a"], []],
    ["docs/**", ["docs/a", "docs/a/b"], ["doc"]],
    ["**", ["a", "a/b"], []],
    ["[a-c]x", ["ax", "cx"], ["dx"]],
    ["[^a]x", ["bx"], ["ax"]],
    ["a\\*b", ["a*b"], ["axb"]],
    ["a.b+(c)$", ["a.b+(c)$"], ["aXb+(c)$"]],
    ["[", ["["], ["a"]],
    ["", [], ["a"]],
    ["\uFEFFa", ["a"], ["b"]],
  ])("%j", (text, ignored, kept) => {
    const rules = ignoreRules(text);
    for (const path of ignored) expect([path, rules.ignores(path)]).toEqual([path, true]);
    for (const path of kept) expect([path, rules.ignores(path)]).toEqual([path, false]);
  });
});
