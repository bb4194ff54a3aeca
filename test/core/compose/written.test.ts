import { readdirSync, readFileSync } from "fs";
import { join } from "path";
import type { Application } from "../../../provider/core/application";
import { readCompose } from "../../../provider/core/compose";
import { mutations } from "../../corpus/mutations";
import { isWritable, written } from "../../corpus/write";

const corpus = join(__dirname, "../../corpus");
const texts = readdirSync(corpus)
  .filter((name) => name.endsWith(".yml"))
  .map((name) => readFileSync(join(corpus, name), "utf8"));

const read = (text: string) =>
  readCompose(text, { fileName: "fig.yml", variables: { HOST: "given" } });

/** Where a mount stands among others says nothing; what is undefined is not there. */
function plain({ services, ...rest }: Application): unknown {
  const sorted = Object.values(services).map(({ container, ...service }) => {
    const mounts = [...(container.mounts ?? [])].sort((a, b) => a.target.localeCompare(b.target));
    return { ...service, container: { ...container, mounts } };
  });
  return JSON.parse(JSON.stringify({ ...rest, services: sorted }));
}

test("a file that is read, written and read again means the same", () => {
  let seen = 0;
  for (const text of [...texts, ...mutations(texts, 4_000, 3)]) {
    const { application, problems } = read(text);
    if (application === undefined || problems.length > 0 || !isWritable(application)) continue;
    const again = read(written(application));
    expect(again.problems).toEqual([]);
    expect(plain(again.application as Application)).toEqual(plain(application));
    seen += 1;
  }
  expect(seen).toBeGreaterThan(1_000);
});
