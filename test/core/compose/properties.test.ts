import fc from "fast-check";
import { stringify } from "yaml";
import { documentedTables, parseCompose, readCompose } from "../../../provider/core/compose";
import { FerryError } from "../../../provider/core/errors";

const options = { fileName: "fig.yml", variables: { SET: "value" } };

/** Every key of every mapping that a file may have, and some that none has. */
const keys = [
  ...new Set(Object.values(documentedTables).flatMap((fields) => fields.map(({ key }) => key))),
  "a",
  "x-a",
  "<<",
  "__proto__",
  "$(touch x)",
  "",
];

const words = fc.constantFrom(
  "80:80",
  "80-90",
  "data:/data",
  "/tmp",
  "./here",
  "1g",
  "10s",
  "true",
  "on-failure:3",
  "service_healthy",
  "default",
  "$SET",
  "${UNSET:-x}",
  "${",
  "'",
  "a",
  "b",
  "flocker",
  "127.0.0.1",
);
const scalar = fc.oneof(words, words, fc.string(), fc.integer(), fc.boolean(), fc.constant(null));

/** A tree of the kind that files are: known keys with values that may or may not suit them. */
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie("node"), { maxKeys: 4 }),
  ),
})).node;

const service = fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: 5 });
const services = fc.dictionary(fc.constantFrom("a", "b", "web", "constructor"), service);

function expectFerryErrorOrNothing(text: string): void {
  try {
    parseCompose(text, options);
  } catch (error) {
    expect(error).toBeInstanceOf(FerryError);
    for (const line of (error as FerryError).message.split("\n"))
      expect(line).toMatch(/^fig\.yml(:\d+:\d+)?: .+[.?]$/);
  }
}

describe("any input at all", () => {
  it.each<[string, fc.Arbitrary<unknown>]>([
    ["trees", tree],
    ["fig files", services],
    ["compose files", fc.record({ services, volumes: tree, "x-a": tree })],
  ])("%s: is read or refused with FerryErrors, each on one line", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expectFerryErrorOrNothing(stringify(value));
      }),
      { numRuns: 200 },
    );
  });

  it("strings: is read or refused with FerryErrors, each on one line", () => {
    const pieces = fc.array(
      fc.oneof(
        words,
        fc.constantFrom(...":-[]{}&*!|>'\"%@`,?#\t\n \0".split("")),
        fc.constantFrom(...keys),
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          pieces.map((all) => all.join("")),
        ),
        (text) => {
          expectFerryErrorOrNothing(text);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("the order of the file", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e");
  const good = fc.record({
    image: fc.constantFrom("redis", "web:1"),
    links: fc.uniqueArray(name, { maxLength: 3 }),
    depends_on: fc.uniqueArray(name, { maxLength: 2 }),
    volumes: fc.uniqueArray(fc.constantFrom("x:/x", "y:/y", "/z"), { maxLength: 3 }),
    volume_driver: fc.constantFrom("local", "flocker", null),
    scale: fc.integer({ min: 0, max: 3 }),
  });

  it("of services makes no difference to what is read or refused", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, good), { selector: ([each]) => each, minLength: 1 }),
        fc.infiniteStream(fc.nat()),
        (entries, random) => {
          const shuffled = entries
            .map((entry) => ({ entry, rank: random.next().value as number }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ entry }) => entry);
          const [one, other] = [entries, shuffled].map((each) =>
            readCompose(stringify(Object.fromEntries(each)), options),
          );
          expect(JSON.stringify(other?.application)).toBe(JSON.stringify(one?.application));
          const said = (result = one) => result?.problems.map(({ path, reason }) => [path, reason]);
          expect(said(other)).toEqual(said(one));
        },
      ),
    );
  });
});

describe("a variable's value", () => {
  it("is in no message, wherever the variable stands", () => {
    const SECRET = "hunter2 is: my 'pass\" word";
    const within = fc.constantFrom(
      "$S",
      "${S}",
      "a$S",
      "$S:/x",
      "/x:$S",
      "80:$S",
      "$S=1",
      "A=$S",
      "b:$S",
    );
    const place = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        within,
        fc.array(tie("node"), { minLength: 1, maxLength: 2 }),
        fc.dictionary(fc.constantFrom(...keys), tie("node"), { minKeys: 1, maxKeys: 2 }),
      ),
    })).node;
    const entry = fc.dictionary(fc.constantFrom(...keys), place, { maxKeys: 3 });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b"), entry),
        place,
        fc.boolean(),
        (all, top, fig) => {
          const file = fig ? all : { services: all, volumes: top };
          const { problems, warnings } = readCompose(stringify(file), {
            fileName: "fig.yml",
            variables: { S: SECRET },
            readFile: () => "A=$S\n$S\n",
          });
          expect(JSON.stringify([problems, warnings])).not.toContain("hunter2");
        },
      ),
      {
        numRuns: 500,
        examples: [
          [{ a: { env_file: { path: "$S" } } }, {}, false],
          [{ a: { configs: [{ source: "$S" }] } }, {}, false],
          [{ a: { build: { context: ".", secrets: [{ source: "$S" }] } } }, {}, false],
        ],
      },
    );
  });
});
