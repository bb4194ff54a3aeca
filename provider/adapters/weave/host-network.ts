import { FerryError } from "../../core/errors";
import type { HostNetwork } from "../../core/network/network-port";
import type { Host } from "../../core/adapter-ports";
import { weaveRows } from "../../core/weave/fitness";
import { weaveMissing, type Weave } from "../../core/weave/weave-port";
import { inputsOfHost, sourceOnHost, type WeaveSource } from "../../core/weave/source";
import { awaitsNetwork } from "./awaits-network";
import { collectDeadLinks } from "./dead-links";
import { weaveOn } from "./host-weave";
import { weaveSeparation } from "./separation";

/** Of a command that does not name the owner of its images: the older ones do not. */
const FIRST_OWNER = "weaveworks";

/** Weave Net, as any network is asked for on a host. */
export function weaveOnHosts(
  weaveOf: (host: Host, source?: WeaveSource) => Weave = weaveOn,
): HostNetwork {
  return {
    overlay: { detachEnded: collectDeadLinks, awaitsNetwork },
    separation: weaveSeparation,
    inputs: inputsOfHost,
    async find(host, inputs) {
      const source = sourceOnHost(inputs);
      const weave = weaveOf(host, source);
      const weaveVersion = await weave.version();
      if (weaveVersion === undefined) {
        throw new FerryError({ kind: "trouble", reason: weaveMissing(host.name, source?.command) });
      }
      const images = (await weave.imagesOf()) ?? FIRST_OWNER;
      return {
        // What runs there is of the images.
        rows: weaveRows({ version: source?.version ?? weaveVersion, images }),
        async outputs() {
          const { openVSwitch } = await weave.datapath();
          return { weaveVersion, hasOpenVSwitch: openVSwitch };
        },
      };
    },
  };
}
