import { runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { inClear, secretAs } from "../../languages/secret-values";

const hidden = (value: unknown) => ({
  [runtime.specialSigKey]: runtime.specialSecretSig,
  value,
});

/** Values as they come from an engine, with secrets at any depth, and what they are in clear. */
const { both } = fc.letrec<{ both: { given: unknown; clear: unknown } }>((tie) => ({
  both: fc.oneof(
    { maxDepth: 4 },
    fc
      .oneof(fc.string(), fc.integer(), fc.boolean())
      .map((value) => ({ given: value, clear: value })),
    fc.array(tie("both")).map((all) => ({
      given: all.map(({ given }) => given),
      clear: all.map(({ clear }) => clear),
    })),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie("both")).map((all) => ({
      given: mapped(all, ({ given }) => given),
      clear: mapped(all, ({ clear }) => clear),
    })),
    tie("both").map(({ given, clear }) => ({ given: hidden(given), clear })),
  ),
}));

const mapped = <T>(of: Record<string, T>, part: (value: T) => unknown) =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, part(value)]));

test("handlers see all values in clear", () => {
  fc.assert(fc.property(both, ({ given, clear }) => expect(inClear(given)).toEqual(clear)));
});

test("what goes out is the same value, and secret wherever it was", () => {
  const seenBy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(seenBy);
    if (typeof value !== "object" || value === null) return value;
    if (runtime.specialSigKey in value) return "[secret]";
    return mapped(value as Record<string, unknown>, seenBy);
  };
  fc.assert(
    fc.property(both, ({ given, clear }) => {
      const out = secretAs(given, clear);
      expect(inClear(out)).toEqual(clear);
      expect(seenBy(out)).toEqual(seenBy(given));
    }),
  );
});

test("an unknown output is unknown, and a secret one in clear", () => {
  const signed = { [runtime.specialSigKey]: runtime.specialOutputValueSig };
  expect(inClear({ a: signed, b: { ...signed, value: 5, secret: true } })).toEqual({
    a: runtime.unknownValue,
    b: 5,
  });
});
