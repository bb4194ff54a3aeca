import type { VolumeInspectInfo } from "dockerode";
import type { Docker, VolumeState } from "../../core/adapter-ports";
import { dataPath } from "../../core/volume/folder";
import type { Engine, Work } from "./engine";
import { unlessAbsent } from "./failures";
import { nameInUrl } from "./names-in-url";

/** A volume of a plugin may have to be made in a cloud. */
const CREATE_SECONDS = 300;

type Methods = "volume" | "volumes" | "createVolume" | "removeVolume";

/** The part of the Docker port that is about volumes. */
export function volumeMethods(engine: Engine): Pick<Docker, Methods> {
  const find = (name: string) =>
    engine.call(`inspecting volume '${name}'`, async (docker, abortSignal) => {
      const handle = docker.getVolume(nameInUrl("volume", name));
      const found = await unlessAbsent(handle.inspect({ abortSignal }));
      return found && volumeState(found);
    });

  return {
    volume: find,

    async volumes(labels) {
      const filters = { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
      const { Volumes } = await engine.call("listing volumes", (docker, abortSignal) =>
        docker.listVolumes({ filters, abortSignal }),
      );
      // null when there is none, whatever its type says.
      return ((Volumes as VolumeInspectInfo[] | null) ?? []).map(volumeState);
    },

    async createVolume({ name, driver, options, labels }) {
      const what = `creating volume '${name}'`;
      const body = {
        Name: nameInUrl("volume", name),
        Driver: driver,
        DriverOpts: { ...options },
        Labels: { ...labels },
      };
      await engine.call(
        what,
        (docker, abortSignal) => docker.createVolume({ ...body, abortSignal }),
        { seconds: CREATE_SECONDS, secrets: Object.values(options) },
      );
      const made = await find(name);
      if (made) return made;
      throw engine.fail(what, new Error("it was gone again at once"));
    },

    async removeVolume(name) {
      const remove: Work<void> = async (docker, abortSignal) => {
        const volume = docker.getVolume(nameInUrl("volume", name));
        await unlessAbsent(volume.remove({ abortSignal }) as Promise<unknown>);
      };
      await engine.call(`removing volume '${name}'`, remove, { seconds: CREATE_SECONDS });
    },
  };
}

function volumeState(info: VolumeInspectInfo): VolumeState {
  const volume = {
    name: info.Name,
    driver: info.Driver,
    mountpoint: info.Mountpoint,
    options: { ...info.Options },
    // null on a volume that was made without any.
    labels: { ...(info.Labels as Record<string, string> | null) },
    ...(info.Scope === "global" ? { declared: info.Scope } : {}),
  };
  return { ...volume, mountpoint: dataPath(volume) };
}
