import { readdirSync } from "fs";
import { join, relative } from "path";

/** The files of an operator's folder of packages, as paths below it. */
export const packageFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
