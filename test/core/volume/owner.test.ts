import fc from "fast-check";
import { LABELS } from "../../../provider/core/identity";
import { isOfReplica, isOurs, whoseInWords } from "../../../provider/core/volume/owner";

const volume = (name: string, labels: Record<string, string>) => ({
  name,
  driver: "local",
  mountpoint: "/v",
  options: {},
  labels,
});
const data = {
  id: "shop/prod/apples/data",
  name: "apples_data",
  driver: "local",
  driverOptions: {},
  external: false,
};
const apples = { project: "shop", stack: "prod", deployment: "apples", volumes: { data } };
const by = (stack: string, key = "data") => ({
  [LABELS.volume]: `shop/${stack}/apples/${key}`,
  [LABELS.project]: "shop",
  [LABELS.stack]: stack,
  [LABELS.deployment]: "apples",
});

test.each<[string, Record<string, string>, boolean, string]>([
  ["this very volume", by("prod"), true, "it belongs to volume 'shop/prod/apples/data'"],
  ["another stack's", by("dev"), false, "it belongs to volume 'shop/dev/apples/data'"],
  ["another volume's", by("prod", "x"), false, "it belongs to volume 'shop/prod/apples/x'"],
  ["nobody's", {}, false, "Ferry did not make it"],
  [
    "one that was put aside",
    { [LABELS.quarantined]: data.id },
    false,
    "it holds what was put aside of volume 'shop/prod/apples/data'",
  ],
])("%s", (_name, labels, ours, words) => {
  const existing = volume("apples_data", labels);
  expect(isOurs(existing, data)).toBe(ours);
  expect(isOfReplica(existing, apples)).toBe(ours);
  expect(whoseInWords(existing)).toBe(words);
});

test("a volume that the program names no more is known by its deployment", () => {
  expect(isOfReplica(volume("apples_old", by("prod", "old")), apples)).toBe(true);
  expect(isOfReplica(volume("apples_old", by("dev", "old")), apples)).toBe(false);
  expect(isOfReplica(volume("apples_old", {}), apples)).toBe(false);
});

test("no volume is two replicas' of different stacks", () => {
  const part = fc.constantFrom("prod", "dev");
  fc.assert(
    fc.property(part, part, part, fc.constantFrom("apples_data", "x"), (of, a, b, name) => {
      const replica = (stack: string) => ({
        ...apples,
        stack,
        volumes: { data: { ...data, id: `shop/${stack}/apples/data` } },
      });
      const existing = volume(name, by(of));
      const both = isOfReplica(existing, replica(a)) && isOfReplica(existing, replica(b));
      expect(both).toBe(a === b && a === of);
    }),
  );
});
