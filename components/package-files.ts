import { readdirSync, statSync } from "fs";
import { join, sep } from "path";

/** The files of an operator's folder of packages, as paths below it. */
export const packageFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(
      (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() !== true,
    )
    .map((name) => name.split(sep).join("/"))
    .sort();
