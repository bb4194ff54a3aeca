import type { JournalEntry } from "../../../provider/core/move/journal";
import { next } from "../../../provider/core/move/machine";
import { copy, entry, found, REPLICA, running } from "./machine-fixture";

const decided = (ofTarget: JournalEntry, epoch: number, origin?: string) =>
  next(
    found([copy("b", epoch, { ...running, ...(origin === undefined ? {} : { origin }) })], {
      a: ofTarget,
    }),
    { replica: REPLICA, wanted: "a", volumes: ["v"] },
  );
const retired = (epoch: number, origin?: string) =>
  entry("retired", epoch, "b", origin === undefined ? {} : { origin });

/** The copy on a is of one epoch and origin; what moves there from b, of another. */
test.each<[string, number, string | undefined, number, string | undefined, "move" | "aside"]>([
  ["older, of one history", 1, "x", 2, "x", "move"],
  ["older, of earlier versions", 1, undefined, 2, undefined, "move"],
  ["older, and its container is of an earlier version", 1, "x", 2, undefined, "move"],
  ["older, of another history", 1, "x", 2, "y", "aside"],
  ["older, and nothing says of which history", 1, undefined, 2, "y", "aside"],
  ["as old", 2, "x", 2, "x", "aside"],
  ["newer", 3, undefined, 2, undefined, "aside"],
])("a copy that is %s", (_name, epoch, origin, ofHome, ofOrigin, end) => {
  const what = decided(retired(epoch, origin), ofHome, ofOrigin);
  if (end === "move") {
    expect(what.kind).toBe("move");
    return;
  }
  expect(what).toMatchObject({
    kind: "do",
    ops: [
      { op: "journal", entry: { role: "aside", volumes: ["v"] } },
      { op: "set aside", host: "a", epoch, volumes: ["v"] },
      { op: "journal", entry: { role: "aside", volumes: [] } },
    ],
  });
});

test("a copy that has been kept aside is not in the way", () => {
  const kept: JournalEntry = { ...retired(3), role: "aside", volumes: [] };
  expect(decided(kept, 2).kind).toBe("move");
});
