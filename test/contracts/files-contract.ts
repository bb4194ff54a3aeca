import { Readable } from "stream";
import type { Host, VolumeState } from "../../provider/core/adapter-ports";
import type { HostFiles } from "../../provider/core/files/host-files";
import { archiveOf } from "../../provider/core/files/tree";

export interface FilesFixture {
  readonly host: () => Host;
  readonly files: () => HostFiles;
  /** A replica's folder that nobody else has. */
  readonly folder: () => string;
  /** An empty volume that nobody else has. */
  readonly volume: () => VolumeState;
  /** Changes what was put into this folder, by hand. */
  alter(path: string): Promise<void>;
}

const archive = (text: string) =>
  archiveOf([{ path: "", mode: 0o444, uid: 0, gid: 0, content: Buffer.from(text) }]);

/** What every HostFiles does, the fake and the real one. */
export function filesContract(name: string, fixture: FilesFixture): void {
  const { host, files, folder } = fixture;
  const missing = (...digests: string[]) => files().missing(host(), folder(), digests);

  describe(`HostFiles: ${name}`, () => {
    test("what was put is there, and what was not is missing", async () => {
      expect(await missing("a", "b")).toEqual(["a", "b"]);
      await files().put(host(), folder(), "a", archive("one"));
      expect(await missing("a", "b")).toEqual(["b"]);
    });

    test("what was altered is missing, until it is put again", async () => {
      await files().put(host(), folder(), "b", archive("two"));
      await fixture.alter(`${folder()}/b`);
      expect(await missing("a", "b")).toEqual(["b"]);
      await files().put(host(), folder(), "b", archive("two"));
      expect(await missing("a", "b")).toEqual([]);
    });

    test("what is not to be kept goes", async () => {
      await files().keepOnly(host(), folder(), ["b", "never there"]);
      expect(await missing("a", "b")).toEqual(["a"]);
      await files().keepOnly(host(), folder(), []);
      expect(await missing("a", "b")).toEqual(["a", "b"]);
      await files().keepOnly(host(), folder(), []);
    });

    test("a volume is filled once", async () => {
      const volume = fixture.volume();
      expect(await files().isUnfilled(host(), volume)).toBe(true);
      const folderIn = [
        { path: "", mode: 0o755, uid: 0, gid: 0 },
        { path: "f", mode: 0o644, uid: 0, gid: 0, content: Buffer.from("x") },
      ];
      await files().fill(host(), volume, Readable.from([archiveOf(folderIn)]));
      expect(await files().isUnfilled(host(), volume)).toBe(false);
    });
  });
}
