import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { isDeepStrictEqual } from "util";
import { judge, ours } from "./judge";
import { meaningOfCompose, meaningOfOurs } from "./meaning";
import { mutations } from "./mutations";

/** Of so many mutations of the corpus: how many both readers take, and those that they differ on. */
export function differences(count: number, seed: number) {
  const folder = mkdtempSync(join(tmpdir(), "ferry-mutations-"));
  try {
    cpSync(__dirname, folder, { recursive: true });
    const texts = readdirSync(__dirname)
      .filter((name) => name.endsWith(".yml"))
      .map((name) => readFileSync(join(__dirname, name), "utf8"));
    const files = [...mutations(texts, count, seed)].map((text, index) => {
      const path = join(folder, `mutation-${index}.yml`);
      writeFileSync(path, text);
      return { path, text };
    });
    const answers = judge(files.map(({ path }) => [path]));
    const both = files.flatMap(({ path, text }, index) => {
      const { project } = answers[index] ?? {};
      const { application, problems } = ours([path]);
      if (project === undefined || application === undefined || problems.length > 0) return [];
      if (MEANINGLESS.test(text)) return [];
      return [differenceIn(text, meaningOfOurs(application), meaningOfCompose(project))];
    });
    return { taken: both.length, different: both.filter((each) => each !== "") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What no file means, and Compose passes over in silence: no build, a part of a byte, and all of a
 * volume as a folder inside of it.
 */
const MEANINGLESS = /^ *(build: (true|false|-?\d+)|mem_limit: \d*\.\d+|subpath: \/)$/m;

type Meaning = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Where the two differ, and the file; nothing where they do not. */
function differenceIn(text: string, ours: Meaning, theirs: Meaning): string {
  const lines = Object.keys({ ...ours, ...theirs }).flatMap((service) =>
    Object.keys({ ...ours[service], ...theirs[service] }).flatMap((key) => {
      const [mine, other] = [ours, theirs].map((each) => plain(each[service]?.[key]));
      if (isDeepStrictEqual(mine, other)) return [];
      return [`${service}.${key}: ${JSON.stringify(mine)}, Compose ${JSON.stringify(other)}`];
    }),
  );
  return lines.length === 0 ? "" : `${lines.join("\n")}\n${text}`;
}

/** What is undefined is not there. */
const plain = (meaning: unknown): unknown =>
  meaning === undefined ? undefined : JSON.parse(JSON.stringify(meaning));
