import { copy, entry, found } from "./machine-fixture";
import { whatIsDone } from "./machine-run";

/** A host that does not answer may still run what was last seen there. */

const stopped = entry("source/stopped", 1, "b", { highest: 2 });
const onceMoreOnA = ["a home", "start a-1", "restart policy a-1"];

whatIsDone([
  [
    "the target is silent before commit: its source serves again",
    found([copy("a", 1)], { a: stopped }, ["b"]),
    {},
    "keep a",
    onceMoreOnA,
  ],
  [
    "the target is silent after commit",
    found([copy("a", 1)], { a: entry("source/committed", 1) }, ["b"]),
    {},
    "refuse",
    [],
  ],
  [
    "without an inbound block, it may run there",
    found([copy("a", 1)], { a: entry("source/opening", 1) }, ["b"]),
    {},
    "refuse",
    [],
  ],
  [
    "the source is silent before commit",
    found([copy("b", 2)], { b: entry("target/compared", 2, "a") }, ["a"]),
    { wanted: "b", believed: { host: "a", epoch: 1 } },
    "refuse",
    [],
  ],
  [
    "nobody knows where it went",
    found([], { a: entry("retired", 1, "b") }, ["b"]),
    {},
    "refuse",
    [],
  ],
  [
    "the wanted host is silent: what can be put right is",
    found([copy("a", 1)], { a: stopped }, ["b"]),
    { wanted: "b" },
    "refuse",
    onceMoreOnA,
  ],
]);
