import type { Host } from "../../core/adapter-ports";
import { canonicalJson } from "../../core/canonical-json";
import type { UpkeepTask } from "../../core/volume/upkeep";
import type { FoundTask, HostUpkeep } from "../../core/volume/upkeep-port";
import { onHost } from "./fake-host";
import type { FakeHost } from "./fake-state";
import type { FakeWorld } from "./fake-world";

/** What a test's host has noted of a task: as a real one's folder has it. */
export interface FakeTask extends Omit<FoundTask, "isInOrder"> {
  readonly text: string;
}

const NOW = 1_000_000;

export const fakeUpkeepKey = (volume: string) => `upkeep ${volume}`;

/** Timers on a fake world, which do nothing by themselves. Calls are named "upkeep.put", ... */
export function fakeUpkeep(world: FakeWorld): HostUpkeep {
  const on = <T>(host: Host, call: string, work: (fake: FakeHost) => T): Promise<T> =>
    onHost(world, { name: host.name, settings: host.connection }, call, work);
  const tasksOf = ({ extra }: FakeHost, volume: string) =>
    (extra[fakeUpkeepKey(volume)] ?? {}) as Record<string, FakeTask>;
  return {
    put: (host, volume, tasks) =>
      on(host, "upkeep.put", (fake) => {
        const before = tasksOf(fake, volume);
        const put = tasks.map((task) => [
          task.name,
          { ...before[task.name], text: canonicalJson(task) },
        ]);
        fake.extra[fakeUpkeepKey(volume)] = Object.fromEntries(put);
      }),
    look: (host, volume, tasks) =>
      on(host, "upkeep.look", (fake) => {
        const there = tasksOf(fake, volume);
        const one = (task: UpkeepTask): FoundTask => {
          const { text, ...found } = there[task.name] ?? { text: "" };
          return { ...found, isInOrder: text === canonicalJson(task) };
        };
        return { now: NOW, tasks: Object.fromEntries(tasks.map((task) => [task.name, one(task)])) };
      }),
    remove: (host, volume) =>
      on(host, "upkeep.remove", ({ extra }) => {
        Reflect.deleteProperty(extra, fakeUpkeepKey(volume));
      }),
    snapshotNow: (host, volumes) =>
      on(host, "upkeep.snapshotNow", (fake) => {
        for (const volume of volumes) {
          const { snapshots, ...others } = tasksOf(fake, volume);
          if (snapshots === undefined) continue;
          const list = [...(snapshots.list ?? []), `at-${snapshots.list?.length ?? 0}`];
          fake.extra[fakeUpkeepKey(volume)] = { ...others, snapshots: { ...snapshots, list } };
        }
      }),
    restoreSnapshot: (host, { name }, of, snapshot) =>
      on(host, "upkeep.restoreSnapshot", ({ volumes, extra }) => {
        const content = `${of} ${snapshot}`;
        for (const each of volumes)
          if (each.name === name) each.files["restored"] = { content, mode: 0o600 };
        extra[`filled ${name}`] = true;
      }),
    restore: (host, { name }, settings) =>
      on(host, "upkeep.restore", ({ volumes, extra }) => {
        const content = JSON.stringify(settings);
        for (const each of volumes)
          if (each.name === name) each.files["restored"] = { content, mode: 0o600 };
        extra[`filled ${name}`] = true;
      }),
  };
}
