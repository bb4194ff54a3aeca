import * as fc from "fast-check";
import {
  archiveOf,
  digestOf,
  slowDigestOf,
  type TreeEntry,
} from "../../../provider/core/files/tree";

const entry: fc.Arbitrary<TreeEntry> = fc.record(
  {
    path: fc.string({ minLength: 1, maxLength: 120 }),
    mode: fc.constantFrom(0o444, 0o555, 0o600),
    uid: fc.nat(70_000),
    gid: fc.nat(70_000),
    content: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ["path", "mode", "uid", "gid"] },
);
const tree = fc.uniqueArray(entry, { selector: ({ path }) => path, minLength: 1, maxLength: 5 });

describe("a digest", () => {
  it("does not depend on the order of reading", () => {
    fc.assert(
      fc.property(tree, (all) => {
        expect(digestOf([...all].reverse())).toBe(digestOf(all));
        expect(archiveOf([...all].reverse())).toEqual(archiveOf(all));
      }),
    );
  });

  it("changes with a name, a byte, a mode, an owner, and a file that is a folder", () => {
    fc.assert(
      fc.property(tree, ([first, ...rest]) => {
        const { content = Buffer.alloc(0), ...folder } = first!;
        const file = { ...folder, content };
        const others: TreeEntry[] = [
          folder,
          file,
          { ...file, path: `${file.path}x` },
          { ...file, content: Buffer.concat([content, Buffer.from("x")]) },
          { ...file, mode: 0o400 },
          { ...file, uid: file.uid + 1 },
          { ...file, gid: file.gid + 1 },
        ];
        const digests = others.map((each) => digestOf([each, ...rest]));
        expect(new Set(digests).size).toBe(others.length);
      }),
    );
  });

  it("of a secret is another one, and always the same", () => {
    const all = [{ path: "", mode: 0o444, uid: 0, gid: 0, content: Buffer.from("hunter2") }];
    expect(slowDigestOf(all)).toBe(slowDigestOf(all));
    expect(slowDigestOf(all)).not.toBe(digestOf(all));
  });
});

it("archives are whole blocks", () => {
  fc.assert(
    fc.property(tree, (all) => {
      expect(archiveOf(all).length % 512).toBe(0);
    }),
  );
});
