import { readdirSync } from "fs";
import { join } from "path";
import { differences } from "../corpus/differences";
import { judge, ours } from "../corpus/judge";
import type { Judged } from "../corpus/meaning";
import { meaningOfCompose, meaningOfOurs } from "../corpus/meaning";

/** Compose's own reader, compose-go, is asked what each file of the corpus means. */
const corpus = join(__dirname, "../corpus");
const ymlIn = (folder: string) =>
  readdirSync(join(corpus, folder))
    .filter((name) => name.endsWith(".yml"))
    .map((name) => join(folder, name));

/** Each file alone, and the folders of those that are put on top of each other. */
const cases: Record<string, string[]> = Object.fromEntries([
  ...ymlIn("").map((name): [string, string[]] => [name, [name]]),
  ...readdirSync(join(corpus, "several")).map((folder): [string, string[]] => [
    folder,
    ymlIn(join("several", folder)).sort(),
  ]),
]);

describe("files of the corpus mean what Compose means by them", () => {
  const answers = new Map<string, Judged>();
  beforeAll(() => {
    const paths = Object.values(cases).map((names) => names.map((name) => join(corpus, name)));
    for (const [index, answer] of judge(paths).entries())
      answers.set(Object.keys(cases)[index] ?? "", answer);
  }, 600_000);

  it("are there", () => expect(Object.keys(cases).length).toBeGreaterThanOrEqual(100));

  it.each(Object.keys(cases))("%s", (name) => {
    const { project, error } = answers.get(name) ?? {};
    const { application, problems } = ours((cases[name] ?? []).map((each) => join(corpus, each)));
    expect(error).toBeUndefined();
    expect(problems).toEqual([]);
    expect(meaningOfOurs(application!)).toEqual(meaningOfCompose(project!));
  });
});

it("a file that is like them, and that both readers take, means the same to both", () => {
  const { taken, different } = differences(5_000, 1);
  expect(different).toEqual([]);
  expect(taken).toBeGreaterThan(1_000);
}, 600_000);
