import type { VolumeDriver } from "../../provider/core/volume/driver";

/**
 * A second volume driver: a directory that every host has by the same path, as of a file server
 * that all have mounted.
 */
export const directoryDriver: VolumeDriver = {
  names: ["directory"],
  scope: "shared",
  optionsProblem: ({ path = "" }) =>
    path.startsWith("/") ? undefined : "needs the option `path`, from `/` on",
  moveInWords: (volumes) => `stops it, and every host has the directory of ${volumes}`,
  recognises: ({ driver, options }) => driver === "local" && options["o"] === "bind",
  hasOptions: ({ options }, { path }) => options["device"] === path,
  handOverProblem: () => undefined,
  find: (host, name) => host.docker.volume(name),
  make: (host, { name, options: { path = "" }, labels }) => {
    const options = { type: "none", o: "bind", device: path };
    return host.docker.createVolume({ name, driver: "local", options, labels });
  },
  copyProblem: () => Promise.resolve(undefined),
  remove: (host, { name }) => host.docker.removeVolume(name),
  letGo: () => Promise.resolve(),
  takeProblem: () => Promise.resolve(undefined),
  take: () => Promise.resolve(),
  forget: (host, name) => host.docker.removeVolume(name),
};
