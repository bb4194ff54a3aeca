import { canonicalJson } from "../../../core/canonical-json";
import type { VolumeState } from "../../../core/adapter-ports";
import type { DockerDriver, DriverOptions } from "../../../core/volume/driver";
import type { Scope } from "../../../core/volume/scope";
import { letGo } from "../let-go";

const LOCAL = "local";

const IN_WORDS: Record<Scope, (volumes: string) => string> = {
  host: (volumes) => `cannot move it, as the driver of ${volumes} keeps the data on its host`,
  attach: (volumes) => `stops it, lets go of ${volumes} there and takes it here`,
  shared: (volumes) => `stops it, and ${volumes} is reached from every host`,
};

/**
 * What Docker does by itself: its plugins, and its own driver where its options mount what a server
 * keeps. Of a plugin's volume, a host that it was not made on may know nothing but the name.
 */
export const dockerDriver: DockerDriver = (name, scope, sure) => ({
  names: [name],
  scope,
  // Which there are, the driver says itself when the volume is made.
  optionsProblem: (options) =>
    name === LOCAL && isOfHost(options)
      ? `has scope '${scope}', and without a \`device\` Docker's driver '${LOCAL}' keeps it in a folder of its host`
      : undefined,
  moveInWords: IN_WORDS[scope],
  recognises: ({ driver }) => driver === name,
  hasOptions: (existing, wanted) =>
    existing.driver === name &&
    (isKnownByNameAlone(existing) || canonicalJson(existing.options) === canonicalJson(wanted)),
  handOverProblem: ({ driver, declared, options }) => {
    if (driver === LOCAL && isOfHost(options)) {
      return `is in a folder of its host, whatever its scope ('${scope}') says. Leave \`scope\` out`;
    }
    if (scope === "host") {
      return `has Docker's driver '${driver}', which keeps the data where Ferry does not copy it from`;
    }
    if (sure || declared === "global") return undefined;
    return (
      `has Docker's driver '${driver}', which says that its data is on one host, and Ferry does not know it. Say by ` +
      '`scope` whether the data can be reached from other hosts ("attach", "shared")'
    );
  },
  find: async (host, volume) => {
    if (name === LOCAL) return host.docker.volume(volume);
    // To be asked for one by its name, a host notes it, and then it has no labels there for good.
    const all = await host.docker.volumes({});
    return all.find((each) => each.name === volume);
  },
  make: (host, volume) => host.docker.createVolume({ ...volume, driver: name }),
  // What it is reached by is no place to copy to.
  copyProblem: () => Promise.resolve(undefined),
  remove: async (host, { name: volume }) => {
    // It is gone from all hosts once it is from one.
    const all = await host.docker.volumes({});
    if (all.some((each) => each.name === volume)) await host.docker.removeVolume(volume);
  },
  letGo: (host, volume) => (scope === "attach" ? letGo(host, volume) : Promise.resolve()),
  takeProblem: () => Promise.resolve(undefined),
  // It is mounted as a container starts.
  take: () => Promise.resolve(),
  forget: async (host, volume) => {
    // To a plugin it would be to delete the data, and so it would where that is in a folder here.
    const existing = await host.docker.volume(volume);
    if (existing?.driver === LOCAL && !isOfHost(existing.options)) {
      await host.docker.removeVolume(volume);
    }
  },
});

/** Of Docker's own driver: nothing is mounted there. */
function isOfHost({ device = "" }: DriverOptions): boolean {
  return device === "";
}

function isKnownByNameAlone({ driver, options, labels }: VolumeState): boolean {
  return driver !== LOCAL && Object.keys({ ...options, ...labels }).length === 0;
}
