import fc from "fast-check";
import { builtName, hashInName, withStages, type Build } from "../../../provider/core/build/build";
import { buildHash, type HashedEntry } from "../../../provider/core/build/hash";

const hash = "0123456789abcdef";
const name = (image: string) => builtName({ image, deployment: "apples", service: "web", hash });

describe("a built image's name", () => {
  it.each([
    ["", `apples-web:${hash}`],
    ["shop/web", `shop/web:${hash}`],
    ["shop/web:2", `shop/web:2-${hash}`],
    ["registry.example:5000/web", `registry.example:5000/web:${hash}`],
    ["registry.example:5000/web:v1.2", `registry.example:5000/web:v1.2-${hash}`],
    ["web:2@sha256:abc", `web:2-${hash}`],
  ])("%s", (image, expected) => {
    expect(name(image)).toBe(expected);
    expect(hashInName(name(image))).toBe(hash);
  });

  it("is no other image's", () => {
    for (const image of ["redis:7", "web", "web:0123456789abcde", "a@sha256:0123456789abcdef0"])
      expect(hashInName(image)).toBeUndefined();
  });
});

test("names for images are stages before the first, behind the arguments that hold for all", () => {
  const dockerfile = "# syntax=x\nARG BASE=a\nfrom ${BASE}\nCOPY --from=b / /\n";
  expect(withStages(dockerfile, { b: "b:1", c: "c" })).toBe(
    "# syntax=x\nARG BASE=a\nFROM b:1 AS b\nFROM c AS c\nfrom ${BASE}\nCOPY --from=b / /\n",
  );
  expect(withStages(dockerfile, {})).toBe(dockerfile);
});

describe("the hash of a build", () => {
  const entry = fc.record<HashedEntry>({
    path: fc.string({ minLength: 1 }),
    kind: fc.constantFrom("file", "folder", "link"),
    mode: fc.nat(0o7777),
    content: fc.string(),
  });
  const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, minLength: 1 });
  const build: Build = { context: ".", args: { A: "1", B: "2" } };
  const of = (context: readonly HashedEntry[], more: Partial<Build> = {}, dockerfile = "FROM a") =>
    buildHash({ build: { ...build, ...more }, dockerfile, context, contexts: {} });

  it("is the same in whatever order things come", () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(of([...all].reverse(), { args: { B: "2", A: "1" } })).toBe(of(all));
      }),
    );
  });

  it("is another one with any other path, kind, mode or content", () => {
    fc.assert(
      fc.property(entries, entries, (one, other) => {
        const text = (all: HashedEntry[]) => JSON.stringify(all.map((each) => ({ ...each })));
        const sorted = (all: HashedEntry[]) => [...all].sort((a, b) => (a.path < b.path ? -1 : 1));
        expect(of(one) === of(other)).toBe(text(sorted(one)) === text(sorted(other)));
      }),
    );
  });

  it("follows from what changes the image, and from nothing else", () => {
    const plain = of([]);
    const same: Partial<Build>[] = [
      { context: "/elsewhere" },
      { dockerfile: "Other" },
      { noCache: true, pull: true, cacheFrom: ["a"] },
    ];
    for (const more of same) expect(of([], more)).toBe(plain);
    const different: Partial<Build>[] = [
      { target: "a" },
      { args: { A: "2", B: "2" } },
      { labels: { a: "b" } },
      { secrets: { a: { path: "b" } } },
      { additionalContexts: { a: "docker-image://b" } },
      { network: "none" },
    ];
    for (const more of different) expect(of([], more)).not.toBe(plain);
    expect(of([], {}, "FROM b")).not.toBe(plain);
  });

  it("has no value of a secret in it", () => {
    const secret = (content: string) => of([], { secrets: { token: { content } } });
    expect(secret("a")).toBe(secret("b"));
  });
});
