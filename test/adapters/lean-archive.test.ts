import { createHash } from "crypto";
import { Readable } from "stream";
import fc from "fast-check";
import { leanArchive } from "../../provider/adapters/docker/lean-archive";

const BLOCK = 512;

interface Member {
  readonly name: string;
  readonly content: Buffer;
  readonly kind?: string;
}

function header({ name, content, kind = "0" }: Member): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(content.length.toString(8).padStart(11, "0"), 124);
  block.write(kind, 156);
  return block;
}

const packed = (members: readonly Member[]) =>
  Buffer.concat([
    ...members.flatMap((member) => {
      const padding = Buffer.alloc((BLOCK - (member.content.length % BLOCK)) % BLOCK);
      return [header(member), member.content, padding];
    }),
    Buffer.alloc(2 * BLOCK),
  ]);

async function lean(
  members: readonly Member[],
  { layers, above = [], pieces = 1000 }: { layers: string[]; above?: string[]; pieces?: number },
): Promise<Buffer> {
  const whole = packed(members);
  const pieced = Array.from({ length: Math.ceil(whole.length / pieces) }, (_, at) =>
    whole.subarray(at * pieces, (at + 1) * pieces),
  );
  const found: Buffer[] = [];
  for await (const piece of leanArchive(Readable.from(pieced), layers, above))
    found.push(piece as Buffer);
  return Buffer.concat(found);
}

const layer = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const blob = (text: string): Member => ({
  name: layer(text).replace("sha256:", "blobs/sha256/"),
  content: Buffer.from(text),
});
const file = (name: string, text: string): Member => ({ name, content: Buffer.from(text) });

test("files of the layers are left out, and all else is as it was, however it comes", async () => {
  const text = fc.string({ minLength: 1, maxLength: 2000 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(text, { maxLength: 6 }),
      fc.nat(6),
      fc.integer({ min: 1, max: 3000 }),
      async (texts, shared, pieces) => {
        const members = [...texts.map(blob), file("manifest.json", "[]"), file("empty", "")];
        const layers = texts.map(layer).slice(0, shared);
        const expected = packed(
          members.filter(({ name }) => !layers.some((each) => name.endsWith(each.slice(7)))),
        );
        expect((await lean(members, { layers, pieces })).equals(expected)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test("a layer that is there once more further up stays", async () => {
  const members = [blob("a"), blob("b")];
  const found = await lean(members, { layers: [layer("a")], above: [layer("b"), layer("a")] });
  expect(found.equals(packed(members))).toBe(true);
});

test("what stands behind an extension stays", async () => {
  const members = [{ ...file("ext", "12 path=other\n"), kind: "x" }, blob("a"), blob("b")];
  const found = await lean(members, { layers: [layer("a"), layer("b")] });
  expect(found.equals(packed(members.slice(0, 2)))).toBe(true);
});

test("links and folders of that name stay", async () => {
  const members = [{ ...blob("a"), content: Buffer.alloc(0), kind: "2" }];
  expect((await lean(members, { layers: [layer("a")] })).equals(packed(members))).toBe(true);
});

test("an archive that ends too early ends too early", async () => {
  const short = packed([blob("a".repeat(2000))]).subarray(0, 700);
  const found: Buffer[] = [];
  for await (const piece of leanArchive(Readable.from([short]), [], []))
    found.push(piece as Buffer);
  expect(Buffer.concat(found).equals(short)).toBe(true);
});

/** Docker 20.10 has each layer in a folder of its own, whose description comes first. */
test("layers in folders are known by their folders' descriptions", async () => {
  const below = layer("a");
  const said = { created: "1970-01-01T00:00:00Z", container_config: { Cmd: null } };
  const named = { container_config: said.container_config, created: said.created, layer_id: below };
  const id = createHash("sha256").update(JSON.stringify(named)).digest("hex");
  const members = [
    { ...file(`${id}/`, ""), kind: "5" },
    file(`${id}/json`, JSON.stringify({ id, ...said, os: "linux" })),
    file(`${id}/layer.tar`, "a"),
    file(`${"0".repeat(64)}/json`, JSON.stringify({ ...said })),
    file(`${"0".repeat(64)}/layer.tar`, "b"),
  ];
  const found = await lean(members, { layers: [below] });
  expect(found.equals(packed(members.filter((_, at) => at !== 2)))).toBe(true);
});
