import { interpolate } from "../../../provider/core/compose/interpolate";
import { problems, web, wrong } from "./helpers";

const variables = { SET: "value", EMPTY: "", _x1: "under" };

describe("interpolation", () => {
  it.each<[string, string]>([
    ["plain", "plain"],
    ["$SET", "value"],
    ["${SET}", "value"],
    ["$_x1-", "under-"],
    ["a${SET}b$SET", "avaluebvalue"],
    ["$$SET $${SET} $$", "$SET ${SET} $"],
    ["${EMPTY}", ""],
    ["${SET:-d}", "value"],
    ["${EMPTY:-d}", "d"],
    ["${EMPTY-d}", ""],
    ["${UNSET:-d}", "d"],
    ["${UNSET-d}", "d"],
    ["${UNSET-}", ""],
    ["${UNSET:-a b:c}", "a b:c"],
    ["${UNSET:-${SET}}", "value"],
    ["${UNSET:-${OTHER-${EMPTY:-deep}}}", "deep"],
    ["${SET:-$UNSET}", "value"],
    ["${SET:-${UNSET}}", "value"],
    ["${SET:-${UNSET?no}}", "value"],
    ["${SET:+other}", "other"],
    ["${EMPTY:+other}", ""],
    ["${EMPTY+other}", "other"],
    ["${UNSET+$UNSET}", ""],
    ["${UNSET:+other}", ""],
    ["${SET:?needed}", "value"],
    ["${EMPTY?needed}", ""],
    ["${UNSET:-$$}", "$"],
    ["$", "$"],
    ["a$", "a$"],
    ["$?", "$?"],
    ["$(touch x)", "$(touch x)"],
    ["$'x'", "$'x'"],
    ["$1", "$1"],
    ["$2y$10$$abc", "$2y$10$abc"],
    ["^x/(.*)$", "^x/(.*)$"],
    ["$$$SET", "$value"],
    ["${SET:-$}", "value"],
    ["${UNSET:-a$(b)}", "a$(b)"],
  ])("%s", (text, expected) => {
    expect(interpolate(text, variables)).toEqual({ text: expected });
  });

  const UNSET =
    "uses the variable UNSET, which is not set. Give it in `variables`, or write a default: ${UNSET:-default}.";
  const NAMELESS = "has a '${' without a variable's name after it. Write '$${' for a plain one.";

  it.each<[string, string]>([
    ["$UNSET", UNSET],
    ["${UNSET}", UNSET],
    ["${SET:+$UNSET}", UNSET],
    ["${OTHER:-$UNSET}", UNSET],
    ["${UNSET?}", "needs the variable UNSET. Give it in `variables`."],
    [
      "${UNSET:?the key of the shop}",
      "needs the variable UNSET: the key of the shop. Give it in `variables`.",
    ],
    ["${EMPTY:?no}", "needs the variable EMPTY: no. Give it in `variables`."],
    ["${}", NAMELESS],
    ["${1}", NAMELESS],
    ["${-x}", NAMELESS],
    [
      "${SET",
      "has something after ${SET that is none of '}', ':-', '-', ':?', '?', ':+', '+'. Write '$$' for a plain '$'.",
    ],
    [
      "${SET!}",
      "has something after ${SET that is none of '}', ':-', '-', ':?', '?', ':+', '+'. Write '$$' for a plain '$'.",
    ],
    ["${SET:-x", "has a '${' without its '}'. Close it, or write '$$' for a plain '$'."],
  ])("refuses %s", (text, problem) => {
    expect(interpolate(text, variables)).toEqual({ problem });
  });

  it("looks at the variables that are given, and at nothing that every object has", () => {
    expect(interpolate("$constructor", {})).toHaveProperty("problem");
    expect(interpolate("$A", { A: undefined })).toHaveProperty("problem");
  });

  it("is not brought down by nesting", () => {
    expect(interpolate("${A:-".repeat(100_000), {})).toHaveProperty("problem");
  });

  it("happens in values of both kinds of file, not in keys, and before anything else", () => {
    const options = { variables: { PORT: "8080", N: "2", NAME: "db" } };
    const service = web("ports: ['$PORT:80']\nscale: $N\nlinks: [$NAME]", options);
    expect(service.container.ports?.[0]?.hostPort).toBe(8080);
    expect(service.scale).toBe(2);
    expect(service.links).toEqual([{ service: "db", alias: "db" }]);
    expect(problems("a: {image: $UNSET}")).toEqual([`a.image: ${UNSET}`]);
    expect(web("labels: {$NAME: x}", options).container.labels).toEqual({ $NAME: "x" });
  });

  it("is the only problem of its value", () => {
    expect(wrong("ports: ['$UNSET:80']\nmem_limit: $UNSET")).toEqual([
      `ports[0]: ${UNSET}`,
      `mem_limit: ${UNSET}`,
    ]);
  });

  it("shows what the file says, as the value may be secret", () => {
    expect(wrong("mem_limit: ${PASSWORD}", { variables: { PASSWORD: "hunter2" } })).toEqual([
      "mem_limit: '${PASSWORD}' (variables filled in) is not a size. Write bytes, or a number with b, k, m, g or t (powers of 1024): 512m, 1.5g, 64kb.",
    ]);
  });
});
