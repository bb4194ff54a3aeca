import { canonicalJson } from "../../../core/canonical-json";
import type { VolumeState } from "../../../core/adapter-ports";
import type { DriverOptions, VolumeDriver } from "../../../core/volume/driver";

/** Docker's own name for it. */
const LOCAL = "local";

/**
 * Docker's volumes in a folder of the host, which a move copies. `flocker` means the same, as in
 * the seed story.
 */
export const hostDriver: VolumeDriver = {
  names: [LOCAL, "flocker"],
  scope: "host",
  // Docker itself says what is wrong with any; what they mount from elsewhere is no matter until a
  // move.
  optionsProblem: () => undefined,
  moveInWords: (volumes) =>
    `copies ${volumes} while it runs, then stops it for the last difference`,
  recognises: ({ driver, options }) => driver === LOCAL && !mountsElsewhere(options),
  hasOptions: ({ driver, options }, wanted) =>
    driver === LOCAL && canonicalJson(options) === canonicalJson(wanted),
  handOverProblem: ({ driver, options }: VolumeState) => {
    if (mountsElsewhere(options)) {
      return (
        "is mounted from elsewhere by its driver options, so its data is not the host's own to copy. Say by `scope` " +
        'whether it can be reached from other hosts ("attach", "shared")'
      );
    }
    if (driver === LOCAL) return undefined;
    return (
      `has Docker's driver '${driver}', so its data is not the host's own to copy. Say that driver, or by \`scope\` ` +
      'whether the data can be reached from other hosts ("attach", "shared")'
    );
  },
  find: (host, name) => host.docker.volume(name),
  make: (host, volume) => host.docker.createVolume({ ...volume, driver: LOCAL }),
  // Room is looked for once for all that comes.
  copyProblem: () => Promise.resolve(undefined),
  remove: (host, { name }) => host.docker.removeVolume(name),
  letGo: () => Promise.resolve(),
  takeProblem: () => Promise.resolve(undefined),
  take: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

/**
 * Options that make Docker mount something else at the volume's folder: its data is not the host's
 * own.
 */
function mountsElsewhere(options: DriverOptions): boolean {
  return ["type", "device", "o"].some((option) => (options[option] ?? "") !== "");
}
