import { execFileSync } from "child_process";
import { mkdtempSync, readFileSync, statSync } from "fs";
import { tmpdir } from "os";
import { dirname, join, resolve } from "path";
import { readComposeFiles } from "../../provider/core/compose";
import type { Judged } from "./meaning";

const variables = { HOST: "given" };

/** What compose-go makes of each of these, files by their paths. */
export function judge(cases: readonly (readonly string[])[]): Judged[] {
  const program = join(mkdtempSync(join(tmpdir(), "compose-go-")), "compose-go");
  const cwd = join(__dirname, "../../tools/compose-go");
  execFileSync("go", ["build", "-o", program, "."], { cwd, stdio: "inherit" });
  const requests = cases.map((files) => JSON.stringify({ files, env: variables }));
  const answers = execFileSync(program, {
    input: requests.join("\n"),
    encoding: "utf8",
    // Its warnings are of no use here.
    stdio: ["pipe", "pipe", "ignore"],
    maxBuffer: 1024 ** 3,
  });
  return answers
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Judged);
}

/** What Ferry makes of it. */
export function ours(files: readonly string[]) {
  const [first = ""] = files;
  const readFile = (beside: string) => {
    const found = resolve(dirname(first), beside);
    const isFile = statSync(found, { throwIfNoEntry: false })?.isFile() === true;
    return isFile ? readFileSync(found, "utf8") : undefined;
  };
  const kindOf = (beside: string) => {
    const found = statSync(resolve(dirname(first), beside), { throwIfNoEntry: false });
    return found === undefined ? undefined : found.isDirectory() ? "folder" : "file";
  };
  const texts = files.map((fileName) => ({ fileName, text: readFileSync(fileName, "utf8") }));
  return readComposeFiles(texts, {
    ...{ fileName: first, variables, readFile, kindOf },
    includedEnvFiles: true,
  });
}
