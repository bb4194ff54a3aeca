import { copy, entry, found, running } from "./machine-fixture";
import { whatIsDone } from "./machine-run";

/**
 * Copies that no longer count, or of which it is not known which one does: fenced, and never
 * removed with their data.
 */

const twoOfThem = [copy("a", 1, running), copy("b", 2, running)];
const fenced = ["restart policy a-1", "stop a-1"];
const quarantined = (id: string) => ["a aside", `remove container ${id}`, "set aside a", "a aside"];

whatIsDone([
  [
    "a source that comes back with a lower epoch: fenced, and kept aside",
    found(twoOfThem),
    { wanted: "b" },
    "keep b",
    [...fenced, ...quarantined("a-1")],
  ],
  [
    "the same while its successor's host is silent: fenced all the same",
    found([copy("a", 1, running)], {}, ["b"]),
    { wanted: "b", believed: { host: "b", epoch: 2 } },
    "refuse",
    fenced,
  ],
  [
    "what was being set aside is done to its end",
    found([copy("a", 1), copy("b", 2, running)], { a: entry("aside", 1) }),
    { wanted: "b" },
    "keep b",
    quarantined("a-1"),
  ],
  [
    "a source that had let go, started by hand: fenced and retired",
    found(twoOfThem, { a: entry("source/committed", 1), b: entry("home", 2, "a") }),
    { wanted: "b" },
    "keep b",
    [...fenced, "remove container a-1", "a retired"],
  ],
  [
    "two homes with one epoch",
    found([copy("a", 2, running), copy("b", 2, running)]),
    {},
    "refuse",
    [],
  ],
  [
    "two with one epoch, of which one runs",
    found([copy("a", 2), copy("b", 2, running)]),
    { wanted: "b" },
    "keep b",
    quarantined("a-2"),
  ],
  ["removed by hand", found([], { a: entry("home", 2) }), {}, "create", []],
  [
    "state knows of a newer one that is gone",
    found([copy("a", 1, running)]),
    { believed: { host: "b", epoch: 2 } },
    "refuse",
    fenced,
  ],
]);
