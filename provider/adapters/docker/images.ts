import type { ImageInspectInfo } from "dockerode";
import type { Docker, ImageState } from "../../core/ports";
import { readable, type Engine, type Work } from "./engine";
import { unlessAbsent } from "./failures";
import { imageInUrl, withTag } from "./names";
import { readProgress } from "./output";

const PULL_SECONDS = 30 * 60;

type Methods = "image" | "pull" | "saveImage" | "loadImage";

/** The part of the Docker port that is about images. */
export function imageMethods(engine: Engine): Pick<Docker, Methods> {
  const find = (reference: string) =>
    engine.call(`inspecting image '${reference}'`, async (docker) => {
      const asked = docker.getImage(imageInUrl(reference)).inspect({ manifests: true });
      const found = await unlessAbsent(asked);
      return found && imageState(found);
    });

  return {
    image: find,

    pull(reference) {
      const what = `pulling image '${reference}'`;
      const { repository, tag } = withTag(imageInUrl(reference));
      const work: Work<void> = async (docker, abortSignal) => {
        const options = { fromImage: repository, tag, abortSignal };
        const { error } = await readProgress(readable(await docker.createImage(options)));
        if (error !== undefined) throw engine.fail(what, new Error(error));
      };
      return engine.call(what, work, { seconds: PULL_SECONDS });
    },

    async saveImage(reference) {
      const what = `saving image '${reference}'`;
      // Docker answers 200 before it looks for the image, and then just ends.
      if (!(await find(reference))) {
        throw engine.fail(what, new Error(`No such image: ${reference}`));
      }
      return engine.stream(what, (docker) => docker.getImage(imageInUrl(reference)).get());
    },

    loadImage(archive) {
      const what = "loading an image";
      const work: Work<readonly string[]> = async (docker) => {
        const answer = readable(await docker.loadImage(archive, { quiet: true }));
        const { error, loaded } = await readProgress(answer);
        if (error !== undefined) throw engine.fail(what, new Error(error));
        return loaded;
      };
      // As long as it takes: the size is the archive's, and a dead link is noticed by the
      // connection.
      return engine.call(what, work, { seconds: Number.POSITIVE_INFINITY });
    },
  };
}

function imageState(info: ImageInspectInfo): ImageState {
  const { Id: id, Size: sizeBytes, Architecture: architecture } = info;
  const config = info.Config as ImageConfig | undefined;
  const entrypoint = [config?.Entrypoint ?? []].flat();
  const command = config?.Cmd ?? [];
  const volumes = Object.keys(config?.Volumes ?? {}).sort();
  const digests = (info.RepoDigests as string[] | null | undefined) ?? [];
  const layers = (info.RootFS as { Layers?: string[] | null } | undefined)?.Layers ?? [];
  const made = Date.parse(info.Created);
  const stored = storedOf((info as WithManifests).Manifests ?? []);
  return {
    id,
    sizeBytes,
    architecture,
    ...(stored === undefined ? {} : { stored }),
    ...(entrypoint.length > 0 ? { entrypoint } : {}),
    ...(command.length > 0 ? { command } : {}),
    ...(digests.length > 0 ? { digests } : {}),
    ...(layers.length > 0 ? { content: { layers, config: { ...said(config), made } } } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}

/** Of containerd's store, asked with `manifests`: Docker's own knows of none. */
interface WithManifests {
  readonly Manifests?: readonly Manifest[] | null;
}

interface Manifest {
  readonly Size?: { readonly Content?: number };
  readonly ImageData?: { readonly Size?: { readonly Unpacked?: number } } | null;
}

/** An archive has all platforms that are there; one of them is unpacked. */
function storedOf(manifests: readonly Manifest[]): ImageState["stored"] {
  if (manifests.length === 0) return undefined;
  const archive = manifests.reduce((sum, { Size }) => sum + (Size?.Content ?? 0), 0);
  const unpacked = Math.max(...manifests.map(({ ImageData }) => ImageData?.Size?.Unpacked ?? 0));
  return { archive, unpacked };
}

type Words = string[] | null;

interface ImageConfig {
  readonly Entrypoint?: Words;
  readonly Cmd?: Words;
  readonly Volumes?: Readonly<Record<string, object>> | null;
}

/** What a container of the image can tell. */
const SAID = [
  ...["Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Labels", "Shell", "StopSignal"],
  ...["User", "Volumes", "WorkingDir"],
];

/** Stores differ in whether they say what is empty. */
function said(config: object | undefined): Record<string, unknown> {
  const of = Object.entries(config ?? {}) as [string, unknown][];
  return Object.fromEntries(of.filter(([key, value]) => SAID.includes(key) && !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
