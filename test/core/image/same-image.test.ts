import fc from "fast-check";
import { compareImages, shortId } from "../../../provider/core/image/same-image";
import type { ImageState } from "../../../provider/core/adapter-ports";

const content = (layer: string, config: object = { Cmd: ["redis-server"] }) => ({
  layers: ["sha256:base", layer],
  config: { ...config },
});
const image = (id: string, more: Partial<ImageState> = {}): ImageState => ({
  id,
  sizeBytes: 1,
  architecture: "amd64",
  ...more,
});

test.each<[string, ImageState, ImageState, string]>([
  ["by one id", image("sha256:a"), image("sha256:a"), "same"],
  [
    "by one digest from a registry, whatever the stores call it",
    image("sha256:config", { digests: ["redis@sha256:m"] }),
    image("sha256:m2", { digests: ["mirror.example/redis@sha256:m"] }),
    "same",
  ],
  [
    "by the manifest, which is the id in one of the stores",
    image("sha256:config", { digests: ["redis@sha256:m"] }),
    image("sha256:m"),
    "same",
  ],
  [
    "by what it is made of, where a store gave it another id",
    image("sha256:config", { content: content("l") }),
    image("sha256:m", { content: content("l") }),
    "same",
  ],
  [
    "not by other layers",
    image("sha256:a", { content: content("l") }),
    image("sha256:b", { content: content("k") }),
    "different",
  ],
  [
    "not by another configuration of the same layers",
    image("sha256:a", { content: content("l") }),
    image("sha256:b", { content: content("l", { Cmd: ["sh"] }) }),
    "different",
  ],
  [
    "not for another architecture, as one digest may be of many",
    image("sha256:a", { digests: ["redis@sha256:m"] }),
    image("sha256:b", { digests: ["redis@sha256:m"], architecture: "arm64" }),
    "different",
  ],
  [
    "unknown where one does not tell",
    image("sha256:a", { content: content("l") }),
    image("sha256:b"),
    "unknown",
  ],
])("two images are told apart: %s", (_name, a, b, expected) => {
  expect(compareImages(a, b)).toBe(expected);
});

test("it does not matter which is which, and every image is itself", () => {
  const digest = fc.constantFrom("sha256:a", "sha256:b", "sha256:c");
  const any = fc.record(
    {
      id: digest,
      sizeBytes: fc.nat(),
      architecture: fc.constantFrom("amd64", "arm64"),
      digests: fc.array(digest.map((of) => `redis@${of}`)),
      content: fc.constantFrom(content("l"), content("k")),
    },
    { requiredKeys: ["id", "sizeBytes", "architecture"] },
  );
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(compareImages(a, b)).toBe(compareImages(b, a));
      expect(compareImages(a, a)).toBe("same");
    }),
  );
});

test("an id is shortened as Docker does it", () => {
  expect(shortId(image("sha256:0123456789abcdef"))).toBe("0123456789ab");
});
