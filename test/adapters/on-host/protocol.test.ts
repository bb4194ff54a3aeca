import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "../../../provider/on-host");
const textOf = (name: string) => readFileSync(join(FOLDER, name), "utf8");
const protocol = textOf("PROTOCOL.md");

/** The page is of use only as long as it has all of it. */
describe("the protocol has", () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  test.each(folders)("the folder %s", (folder) => {
    expect(protocol).toContain(`\`${folder}/\``);
  });

  const commands = [...textOf("move-key/serve.sh").matchAll(/\b([a-z]+)\/\d(?= \||\))/g)];
  test.each([...new Set(commands.map(([, word = ""]) => word))])("the key's command %s", (word) => {
    expect(protocol).toMatch(new RegExp(`\`${word}(-N[^\`]*)?\``));
  });
  it("finds some", () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  const words = [...textOf("cutover/source.sh").matchAll(/^ {4}([a-z*]+),([a-z]+)\)/gm)];
  test.each(words.map(([, state = "", word = ""]) => [word, state]))(
    "the word %s of the conversation, in %s",
    (word, state) => {
      const allowed = state === "*" ? "any" : `\`${state}\``;
      const row = protocol.split("\n").find((line) => line.startsWith(`| \`${word}\` `)) ?? "";
      expect(row.split("|")[2]?.trim()).toBe(allowed);
    },
  );

  test.each(["44", "45", "126", "127", "143"])("exit code %s", (code) => {
    expect(protocol).toMatch(new RegExp(`\\| ${code} +\\|`));
  });
});
