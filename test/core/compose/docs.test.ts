import { readFileSync } from "fs";
import { join } from "path";
import { documentedTables } from "../../../provider/core/compose";
import { application, read } from "./helpers";

const page = readFileSync(join(__dirname, "../../../docs/compose.md"), "utf8");

/** The page's tables of keys by their heading: key, supported or not, text. */
function tables(): Record<string, string[][]> {
  const found: Record<string, string[][]> = {};
  for (const section of page.split(/^### /m).slice(1)) {
    const heading = /^.*/.exec(section)?.[0] ?? "";
    const rows = section.split("\n").filter((line) => line.startsWith("| `"));
    found[heading] = rows.map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return found;
}

describe("docs/compose.md", () => {
  it("has every key, and says of it what the code says", () => {
    const expected = Object.fromEntries(
      Object.entries(documentedTables).map(([heading, fields]) => [
        heading,
        fields.map(({ key, supported, text }) => [`\`${key}\``, supported ? "yes" : "no", text]),
      ]),
    );
    expect(tables()).toEqual(expected);
  });

  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "");

  it("has examples", () => {
    expect(examples).toHaveLength(3);
  });

  it.each(examples)("example %#: can be read", (example) => {
    const variables = { REDIS_TAG: "7" };
    expect(application(example, { variables }).services).toHaveProperty("redis");
    expect(read(example, { variables }).warnings).toEqual([]);
  });
});
