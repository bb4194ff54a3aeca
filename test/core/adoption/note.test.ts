import fc from "fast-check";
import { formatEntry, parseEntry, type JournalEntry } from "../../../provider/core/move/journal";

const restart = fc.oneof(
  fc.constantFrom("no", "always", "unless-stopped").map((name) => ({ name }) as const),
  fc.nat().map((maximumRetryCount) => ({ name: "on-failure", maximumRetryCount }) as const),
);

test("what a journal says of the container that was there is read as it was written", () => {
  const adopts = fc.record(
    {
      ...{ container: fc.string(), name: fc.string(), restart, running: fc.boolean() },
      done: fc.constant(true as const),
    },
    { requiredKeys: ["container", "name", "restart", "running"] },
  );
  fc.assert(
    fc.property(adopts, (of) => {
      const entry: JournalEntry = {
        ...{ version: 2, replica: "shop/prod/apples/redis/0", role: "home", epoch: 1 },
        volumes: ["myapp_data"],
        adopts: of,
      };
      expect(parseEntry(formatEntry(entry))).toEqual(entry);
    }),
  );
});
