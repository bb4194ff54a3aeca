import { readFileSync } from "fs";
import { join } from "path";
import type { FakeContainer, FakeVolume } from "../../provider/adapters/fakes/fake-state";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { ReplicaState } from "../../provider/core/replica/model";
import { HOSTS, IMAGE } from "./replica-fixture";

/** What is on a host when a run of the release was killed. */
interface RecordedHost {
  readonly containers: readonly (Partial<FakeContainer> & Pick<FakeContainer, "id">)[];
  /** Names of the files in each. */
  readonly volumes: Readonly<Record<string, readonly string[]>>;
  /** Texts by path. */
  readonly journals: Readonly<Record<string, string>>;
}

export interface RecordedStep {
  /** Role and step of each replica's journal, on both hosts. */
  readonly journals: string;
  readonly killedAfter: string;
  readonly stood?: boolean;
  readonly hosts: Readonly<Record<string, RecordedHost>>;
}

export interface RecordedMoves {
  readonly replica: ReplicaState;
  readonly member?: ReplicaState;
  readonly containers: readonly FakeContainer[];
  readonly volumes: readonly FakeVolume[];
  readonly steps: readonly RecordedStep[];
}

export const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, "recorded", `${name}.json`), "utf8"));

/** The hosts as the release has left them. */
export function worldOf(
  { containers, volumes }: RecordedMoves,
  { hosts }: RecordedStep,
): FakeWorld {
  const world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);
  world.change((state) => {
    // Ids that were given out are not given out again.
    state.made = 1_000;
    for (const [name, was] of Object.entries(hosts)) {
      const host = state.hosts[name]!;
      host.containers = was.containers.map((one) => ({
        ...containers.find(({ id }) => id === one.id)!,
        ...{ exitCode: 0, error: "", health: "none", log: "" },
        ...one,
      }));
      host.volumes = Object.entries(was.volumes).map(([volume, files]) => ({
        ...volumes.find((each) => each.name === volume)!,
        files: Object.fromEntries(files.map((file) => [file, fileOf(file)])),
      }));
      for (const [path, text] of Object.entries(was.journals))
        host.files[path] = fileOf(text, 0o600);
    }
  });
  return world;
}

const fileOf = (text: string, mode = 0o644) => ({
  content: Buffer.from(text).toString("base64"),
  mode,
});
