import type { ImageInspectInfo } from "dockerode";
import type { Docker, ImageState, RegistryCredentials } from "../../core/adapter-ports";
import { TOKEN } from "../../core/image/registry";
import { readable, type Engine, type Work } from "./engine";
import { buildImage } from "./build/build";
import { statusOf, unlessAbsent } from "./failures";
import { leanArchive } from "./lean-archive";
import { imageInUrl, withTag } from "./names-in-url";
import { readProgress } from "./output";

const PULL_SECONDS = 30 * 60;

/** Docker's answer for an image that a container was made from. */
const IN_USE = 409;

type OfImages = "image" | "imageNames" | "tagImage" | "removeImage";
type Methods = OfImages | "pull" | "build" | "imageLayers" | "saveImage" | "loadImage";

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

    build: (request, tell) => buildImage(engine, request, tell),

    tagImage(reference, name) {
      const { repository: repo, tag } = withTag(imageInUrl(name));
      return engine.call(`naming image '${name}'`, async (docker) => {
        await docker.getImage(imageInUrl(reference)).tag({ repo, tag });
      });
    },

    imageNames: (labels) =>
      engine.call("listing images", async (docker) => {
        const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
        const found = await docker.listImages({ filters: { label } });
        const names = found.flatMap(
          ({ RepoTags }) => (RepoTags as string[] | null | undefined) ?? [],
        );
        return names.filter((name) => !name.startsWith("<none>"));
      }),

    removeImage: (reference) =>
      engine.call(`removing image '${reference}'`, async (docker) => {
        try {
          await unlessAbsent(docker.getImage(imageInUrl(reference)).remove());
          return true;
        } catch (error) {
          if (statusOf(error) === IN_USE) return false;
          throw error;
        }
      }),

    pull(reference, credentials) {
      const what = `pulling image '${reference}'`;
      const secrets = credentials === undefined ? [] : [credentials.password];
      const { repository, tag } = withTag(imageInUrl(reference));
      const work: Work<void> = async (docker, abortSignal) => {
        const options = { fromImage: repository, tag, abortSignal };
        const answer = await (credentials === undefined
          ? docker.createImage(options)
          : docker.createImage(authOf(credentials), options));
        const { error } = await readProgress(readable(answer));
        if (error !== undefined) throw engine.fail(what, new Error(error), secrets);
      };
      return engine.call(what, work, { seconds: PULL_SECONDS, secrets });
    },

    async imageLayers() {
      const what = "listing layers of images";
      const found = await engine.call(what, (docker) => docker.listImages());
      const layers = ({ Id }: { Id: string }) =>
        engine.call(what, async (docker) => {
          const info = await unlessAbsent(docker.getImage(Id).inspect());
          return info === undefined ? [] : layersOf(info);
        });
      return Promise.all(found.map(layers));
    },

    async saveImage(reference, without = []) {
      const what = `saving image '${reference}'`;
      const image = await find(reference);
      // Docker answers 200 before it looks for the image, and then just ends.
      if (!image) throw engine.fail(what, new Error(`No such image: ${reference}`));
      const archive = await engine.stream(what, (docker) =>
        docker.getImage(imageInUrl(reference)).get(),
      );
      const above = image.content?.layers.slice(without.length) ?? [];
      return without.length === 0 ? archive : leanArchive(archive, without, above);
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

/** In Docker's words. */
const authOf = ({ username, password }: RegistryCredentials) =>
  username === TOKEN ? { identitytoken: password } : { username, password };

function imageState(info: ImageInspectInfo): ImageState {
  const { Id: id, Size: sizeBytes, Architecture: architecture } = info;
  const config = info.Config as ImageConfig | undefined;
  const entrypoint = [config?.Entrypoint ?? []].flat();
  const command = config?.Cmd ?? [];
  const volumes = Object.keys(config?.Volumes ?? {}).sort();
  const digests = (info.RepoDigests as string[] | null | undefined) ?? [];
  const layers = layersOf(info);
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
    ...namedAt(info),
    ...(layers.length > 0 ? { content: { layers, config: { ...said(config), made } } } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}

const layersOf = ({ RootFS }: ImageInspectInfo): readonly string[] =>
  (RootFS as { Layers?: string[] | null } | undefined)?.Layers ?? [];

/** Of containerd's store, asked with `manifests`: Docker's own knows of none. */
interface WithManifests {
  readonly Manifests?: readonly Manifest[] | null;
}

interface Manifest {
  readonly Size?: { readonly Content?: number };
  readonly ImageData?: { readonly Size?: { readonly Unpacked?: number } } | null;
}

/** The year 1 where it has no name. */
function namedAt(info: ImageInspectInfo): Pick<ImageState, "namedAt"> {
  const at = (info as { Metadata?: { LastTagTime?: string } }).Metadata?.LastTagTime;
  return at === undefined || at.startsWith("0001") ? {} : { namedAt: at };
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
