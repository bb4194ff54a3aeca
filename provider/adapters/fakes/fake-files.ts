import type { Host } from "../../core/adapter-ports";
import type { HostFiles } from "../../core/files/host-files";
import { onHost } from "./fake-host";
import type { FakeHost } from "./fake-state";
import type { FakeWorld } from "./fake-world";

/**
 * Files that travel, on a fake world: a host's file for each archive, and beside it what was put.
 * Calls are named "files.put", ...
 */
export function fakeFiles(world: FakeWorld): HostFiles {
  const on = <T>(host: Host, call: string, work: (fake: FakeHost) => T): Promise<T> =>
    onHost(world, { name: host.name, settings: host.connection }, call, work);
  return {
    missing: (host, folder, digests) =>
      on(host, "files.missing", ({ files }) =>
        digests.filter((digest) => {
          const found = files[`${folder}/${digest}/content`]?.content;
          return found === undefined || found !== files[`${folder}/${digest}/sum`]?.content;
        }),
      ),
    put: (host, folder, digest, archive) =>
      on(host, "files.put", ({ files }) => {
        const content = archive.toString("base64");
        files[`${folder}/${digest}/content`] = { content, mode: 0o600 };
        files[`${folder}/${digest}/sum`] = { content, mode: 0o600 };
      }),
    keepOnly: (host, folder, digests) =>
      on(host, "files.keepOnly", ({ files }) => {
        const kept = digests.map((digest) => `${folder}/${digest}/`);
        for (const path of Object.keys(files))
          if (path.startsWith(`${folder}/`) && !kept.some((each) => path.startsWith(each)))
            Reflect.deleteProperty(files, path);
      }),
    isUnfilled: (host, { name }) =>
      on(host, "files.isUnfilled", ({ volumes, extra }) => {
        const found = volumes.find((each) => each.name === name);
        return Object.keys(found?.files ?? {}).length === 0 && extra[`filled ${name}`] !== true;
      }),
    async fill(host, { name }, archive) {
      const chunks: Buffer[] = [];
      for await (const chunk of archive) chunks.push(chunk as Buffer);
      await on(host, "files.fill", ({ volumes, extra }) => {
        const content = Buffer.concat(chunks).toString("base64");
        for (const each of volumes)
          if (each.name === name) each.files["filled"] = { content, mode: 0o600 };
        extra[`filled ${name}`] = true;
      });
    },
  };
}
