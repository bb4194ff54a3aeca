import { LABELS } from "../../core/identity";
import {
  ALL_JOURNALS,
  COMMITTED_MARK,
  formatEntry,
  journalPath,
  parseEntry,
  recordPath,
  type JournalEntry,
} from "../../core/move/journal";
import type { Quarantine, Journals } from "../../core/move/journals";
import type { Host } from "../../core/adapter-ports";
import { unreadable } from "../journal/host-journals";
import { quarantinedName } from "../volume/quarantine";
import { mountpointOf } from "./fake-containers";
import { onHost } from "./fake-host";
import type { FakeHost } from "./fake-state";
import type { FakeWorld } from "./fake-world";

/** The journals of a fake world. Calls are named "journals.write", ... */
export function fakeJournals(world: FakeWorld): Journals {
  const on = <T>(host: Host, call: string, work: (fake: FakeHost) => T): Promise<T> =>
    onHost(world, { name: host.name, settings: host.connection }, call, work);
  const drop = ({ files }: FakeHost, path: string) => void Reflect.deleteProperty(files, path);
  const write = (fake: FakeHost, entry: JournalEntry) => {
    writeText(fake, journalPath(entry.replica), formatEntry(entry));
    drop(fake, recordPath(entry.replica));
  };
  return {
    read: (host, replica) =>
      on(host, "journals.read", (fake) => {
        const text = textAt(fake, journalPath(replica)) ?? textAt(fake, recordPath(replica));
        if (text === undefined) return undefined;
        const entry = parseEntry(text);
        if (entry?.replica === replica) return entry;
        throw unreadable(host.name, replica);
      }),
    all: (host) =>
      on(host, "journals.all", (fake) =>
        Object.keys(fake.files)
          .filter((path) => path.startsWith(`${ALL_JOURNALS}/`))
          .flatMap((path) => parseEntry(textAt(fake, path) ?? "") ?? []),
      ),
    write: (host, entry) => on(host, "journals.write", (fake) => write(fake, entry)),
    writeUnlessCommitted: (host, entry) =>
      on(host, "journals.write", (fake) => {
        const text = textAt(fake, journalPath(entry.replica)) ?? "";
        if (text.includes(COMMITTED_MARK)) return false;
        write(fake, entry);
        return true;
      }),
    remove: (host, replica) =>
      on(host, "journals.remove", (fake) => {
        for (const path of [journalPath(replica), recordPath(replica)]) drop(fake, path);
      }),
  };
}

/** Data put aside on a fake world. */
export function fakeQuarantine(world: FakeWorld): Quarantine {
  return {
    keep: (host, name, epoch) =>
      onHost(world, { name: host.name, settings: host.connection }, "aside.keep", (fake) => {
        const volume = fake.volumes.find((each) => each.name === name);
        const owner = volume?.labels[LABELS.volume];
        if (volume === undefined || owner === undefined) return;
        const first = quarantinedName(name, epoch);
        const isThere = (each: string) => fake.volumes.some((volume) => volume.name === each);
        let freeName = first;
        for (let n = 2; isThere(freeName); n++) freeName = `${first}-${n}`;
        const { [LABELS.volume]: _owner, ...labels } = volume.labels;
        const made = {
          ...volume,
          name: freeName,
          mountpoint: mountpointOf(freeName),
          labels: { ...labels, [LABELS.quarantined]: owner },
        };
        fake.volumes = [...fake.volumes.filter((each) => each !== volume), made];
      }),
  };
}

export function textAt({ files }: FakeHost, path: string): string | undefined {
  const file = files[path];
  return file && Buffer.from(file.content, "base64").toString();
}

export function writeText({ files }: FakeHost, path: string, text: string): void {
  files[path] = { content: Buffer.from(text).toString("base64"), mode: 0o600 };
}
