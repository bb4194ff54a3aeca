import fc from "fast-check";
import { connectionKey, placeKey, type Connection } from "../../provider/core/connection";

const field = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const plain = fc.record({
  host: fc.constantFrom("10.0.0.5", "a", "b"),
  port: field(22, 2222),
  user: field("root", "ferry"),
  privateKey: field("k1", "k2"),
});
const connection = fc.record({
  jump: fc.option(plain, { nil: undefined }),
  last: plain,
});

const built = ({ jump, last }: { jump?: object | undefined; last: object }): Connection =>
  JSON.parse(JSON.stringify({ ...last, proxy: jump })) as Connection;

/** What a key has to tell apart, spelt out. */
const spelt = ({ host, port = 22, user = "root", proxy }: Connection): unknown => [
  host,
  port,
  user,
  proxy === undefined ? null : spelt(proxy),
];

test("one key for a user at a place and the way there, whatever the credentials", () => {
  fc.assert(
    fc.property(connection, connection, (one, other) => {
      const [a, b] = [built(one), built(other)];
      const same = JSON.stringify(spelt(a)) === JSON.stringify(spelt(b));
      expect(connectionKey(a) === connectionKey(b)).toBe(same);
    }),
  );
});

test("the user on the host itself is no part of the place, the one on the jump host is", () => {
  const proxy = { host: "bastion" };
  const place = placeKey({ host: "a", proxy });
  expect(placeKey({ host: "a", user: "ferry", proxy })).toBe(place);
  expect(placeKey({ host: "a", proxy: { ...proxy, user: "ferry" } })).not.toBe(place);
  expect(placeKey({ host: "a" })).not.toBe(place);
});
