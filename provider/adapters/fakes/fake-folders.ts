import { LABELS } from "../../core/identity";
import { FOLDER_LOOK, FOLDER_MAKE, FOLDER_REMOVE } from "../volume/drivers/folder-driver";
import { FOLDER_RENAME } from "../volume/quarantine";
import type { FakeHandler } from "./fake-commands";
import type { FakeFile, FakeHost } from "./fake-state";

const FREE_BYTES = 1e12;

/** What is in folders of the host's own, by their paths. */
export function foldersOf({ extra }: FakeHost): Record<string, Record<string, FakeFile>> {
  return (extra["folders"] ??= {}) as Record<string, Record<string, FakeFile>>;
}

/** What the folder driver runs on hosts. */
export const fakeFolders: [string, FakeHandler][] = [
  [
    FOLDER_LOOK,
    ({ host, argv }) => {
      const there = foldersOf(host)[pathIn(argv)];
      const is =
        there === undefined ? "absent" : Object.keys(there).length === 0 ? "empty" : "found";
      return { stdout: `${is}\n${Number(host.extra["freeBytes"] ?? FREE_BYTES)}\n` };
    },
  ],
  [
    FOLDER_MAKE,
    ({ host, argv }) => {
      foldersOf(host)[pathIn(argv)] ??= {};
      return {};
    },
  ],
  [
    FOLDER_REMOVE,
    ({ host, argv }) => {
      const folders = foldersOf(host);
      const files = folders[pathIn(argv)] ?? {};
      for (const name of Object.keys(files)) Reflect.deleteProperty(files, name);
      if (argv.at(-1) === "made") Reflect.deleteProperty(folders, pathIn(argv));
      return {};
    },
  ],
  [
    FOLDER_RENAME,
    ({ host, argv }) => {
      const folders = foldersOf(host);
      const found = folders[pathIn(argv)];
      if (found !== undefined) folders[argv.at(-1) ?? ""] = found;
      Reflect.deleteProperty(folders, pathIn(argv));
      return {};
    },
  ],
];

/** The files of a volume that is made: those of its folder, where it binds one. */
export function filesOfNew(
  host: FakeHost,
  { labels, mountpoint }: { labels: Readonly<Record<string, string>>; mountpoint: string },
): Record<string, FakeFile> {
  return labels[LABELS.folder] === undefined ? {} : (foldersOf(host)[mountpoint] ??= {});
}

/** After "sh -s --". */
const pathIn = (argv: readonly string[]) => argv[3] ?? "";
