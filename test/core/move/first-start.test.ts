import type { Findings } from "../../../provider/core/move/findings";
import { firstStart, type VolumesByHost } from "../../../provider/core/move/first-start";
import { entry, found, REPLICA } from "./machine-fixture";

const WHEN = { when: "2026-01-02T03:04:05Z" };
const goal = { replica: REPLICA, wanted: "a", volumes: ["v"] };
const began = (
  journals: Findings["journals"],
  volumes: VolumesByHost,
  believed?: string,
  of = goal,
) => {
  const state = believed === undefined ? {} : { believed: { host: believed, epoch: 2 } };
  const first = firstStart(found([], journals), { ...of, ...state }, volumes);
  return first.kind === "elsewhere" ? `on ${first.hosts.join()}` : first.kind;
};
const V = ["v"];

test.each<[string, Findings["journals"], VolumesByHost, string | undefined, string]>([
  ["nothing is known", {}, {}, undefined, "start"],
  ["its data is there", {}, { a: V }, undefined, "start"],
  ["its data is there, as state says", {}, { a: V }, "a", "start"],
  ["its data is there, as its journal says", { a: entry("home", 2) }, { a: V }, "a", "start"],
  ["it began empty there", { a: entry("home", 2, "b", { volumes: [] }) }, {}, "a", "start"],
  ["its data is on another host", {}, { b: V }, undefined, "on b"],
  ["state says that it is on another host", {}, { b: V }, "b", "on b"],
  [
    "a journal says so, with an older copy here",
    { a: entry("retired", 1), b: entry("home", 2) },
    { a: V, b: V },
    "b",
    "on b",
  ],
  ["two hosts have data of it", {}, { a: V, b: V }, undefined, "on a,b"],
  ["nothing is left where state has it", {}, {}, "a", "lost"],
  ["nothing is left where state has it, elsewhere", {}, {}, "b", "lost"],
  ["nothing is left there, and here is data of no certain age", {}, { a: V }, "b", "lost"],
  ["its volume is gone, but not its journal", { a: entry("home", 2) }, {}, "a", "lost"],
  ["an older copy is here", { a: entry("retired", 1, "b", WHEN) }, { a: V }, undefined, "lost"],
  ["one of no certain age is elsewhere", { b: entry("retired", 1) }, { b: V }, undefined, "lost"],
  ["one of no certain age is here", { a: entry("retired", 1) }, { a: V }, undefined, "lost"],
  [
    "an older copy is elsewhere",
    { b: entry("retired", 1, "a", WHEN) },
    { b: V },
    undefined,
    "lost",
  ],
  [
    "what is elsewhere was kept aside",
    { b: entry("aside", 1, "a", { volumes: [] }) },
    {},
    undefined,
    "start",
  ],
])("%s", (_name, journals, volumes, believed, end) => {
  expect(began(journals, volumes, believed)).toBe(end);
});

test("without volumes nothing can be missed", () => {
  expect(began({}, {}, "b", { ...goal, volumes: [] })).toBe("start");
});
