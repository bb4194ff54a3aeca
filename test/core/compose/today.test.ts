import { readFileSync } from "fs";
import { join } from "path";
import type { Application } from "../../../provider/core/application";
import { read } from "./helpers";

/** What the reader of 0.1.0 at 6cc4254 made of texts that it took. */
interface Case {
  readonly text: string;
  readonly variables: Record<string, string>;
  readonly application: Application;
}

const cases = readFileSync(join(__dirname, "today.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);

/** Where a replica that is yet to be made goes is no matter of one that runs. */
const beforePlacement = (name: string, value: unknown) => (name === "place" ? undefined : value);

/** A program that is in use must see no change in its second `up`, whatever else is read by now. */
describe("files that are in use", () => {
  it("are there", () => {
    expect(cases.length).toBeGreaterThan(150);
  });

  it.each(cases)("become what they were: $text", ({ text, variables, application }) => {
    const now = read(text, { variables });
    expect(now.problems).toEqual([]);
    expect(JSON.parse(JSON.stringify(now.application, beforePlacement))).toEqual(application);
  });
});
