import { Readable } from "stream";
import type { Docker, ImageState } from "../../core/adapter-ports";
import { dockerFailure, socketFailure, DOCKER_SOCKET } from "../docker/failures";
import { imageInUrl, nameInUrl } from "../docker/names-in-url";
import { readAll } from "../docker/output";
import type { Endpoint } from "../ssh/failures";
import { dataPath } from "../../core/volume/folder";
import { filesOfNew } from "./fake-folders";
import { fakeContainers, findImage, mountpointOf, volumesIn } from "./fake-containers";
import { fakeBuilds } from "./fake-builds";
import { onHost } from "./fake-host";
import type { FakeHost, FakeState, FakeVolume } from "./fake-state";
import type { FakeWorld } from "./fake-world";

/** The Docker port on a fake host. */
export function fakeDocker(world: FakeWorld, endpoint: Endpoint): Docker {
  const onDocker = <T>(call: string, work: (host: FakeHost, state: FakeState) => T): Promise<T> =>
    onHost(world, endpoint, call, (host, state) => {
      if (host.faults.withoutDocker) throw socketFailure(endpoint, DOCKER_SOCKET, "absent");
      return work(host, state);
    });

  const fail = (what: string, words: string) => dockerFailure(endpoint, what, new Error(words));

  return {
    ...fakeContainers(world, endpoint, onDocker),

    info: () =>
      onDocker("docker.info", ({ architecture, machine, docker }) => ({
        id: machine.docker,
        version: "20.10.24",
        apiVersion: "1.41",
        architecture,
        operatingSystem: "Fake Linux",
        rootDirectory: "/var/lib/docker",
        containerdAddress: "",
        minApiVersion: "1.12",
        engine: "docker",
        rootless: false,
        usernsRemap: false,
        liveRestore: false,
        imageStore: "docker",
        kernel: "6.1.0",
        cgroupVersion: "2",
        ...docker,
      })),

    image: (reference) => onDocker("docker.image", (host) => findImage(host, reference)),

    ...fakeBuilds(onDocker, fail),

    pull: (reference) =>
      onDocker("docker.pull", (host, { registry }) => {
        const image = registry[imageInUrl(reference)];
        if (!image)
          throw fail(`pulling image '${reference}'`, `manifest for ${reference} not found`);
        host.images[reference] = image;
      }),

    imageLayers: () =>
      onDocker("docker.imageLayers", ({ images }) =>
        Object.values(images).map(({ content }) => content?.layers ?? []),
      ),

    saveImage: (reference, without = []) =>
      onDocker("docker.saveImage", (host) => {
        const image = findImage(host, reference);
        if (!image) throw fail(`saving image '${reference}'`, `No such image: ${reference}`);
        const archive = { ...(reference in host.images ? { reference } : {}), image, without };
        return Readable.from([Buffer.from(JSON.stringify(archive))]);
      }),

    async loadImage(archive) {
      const text = (await readAll(archive)).toString();
      return onDocker("docker.loadImage", ({ images }) => {
        const saved = parseArchive(text);
        if (!saved) throw fail("loading an image", "unexpected EOF");
        const { image, reference = image.id, without } = saved;
        const isThere = ({ content }: ImageState) =>
          without.every((layer, at) => content?.layers[at] === layer);
        if (without.length > 0 && !Object.values(images).some(isThere))
          throw fail("loading an image", "open layer.tar: no such file or directory");
        images[reference] = image;
        return [reference];
      });
    },

    volume: (name) =>
      onDocker("docker.volume", (host) => {
        const found = findVolume(host, nameInUrl("volume", name));
        return found && withoutFiles(found);
      }),

    volumes: (labels) =>
      onDocker("docker.volumes", ({ volumes }) =>
        volumes
          .filter((volume) => Object.entries(labels).every(([k, v]) => volume.labels[k] === v))
          .map(withoutFiles),
      ),

    createVolume: (volume) =>
      onDocker("docker.createVolume", (host) => {
        const existing = findVolume(host, nameInUrl("volume", volume.name));
        // As Docker does: what is there is kept as it is, and other options are passed over in
        // silence.
        if (existing) return withoutFiles(existing);
        const mountpoint = dataPath({ ...volume, mountpoint: mountpointOf(volume.name) });
        const made = { ...structuredClone(volume), mountpoint };
        host.volumes.push({ ...made, files: filesOfNew(host, made) });
        return made;
      }),

    removeVolume: (name) =>
      onDocker("docker.removeVolume", (host) => {
        const users = host.containers.filter((container) => volumesIn(container).includes(name));
        if (users.length > 0) {
          const ids = users.map(({ id }) => id).join(", ");
          throw fail(`removing volume '${name}'`, `remove ${name}: volume is in use - [${ids}]`);
        }
        host.volumes = host.volumes.filter((volume) => volume.name !== name);
      }),
  };
}

function findVolume(host: FakeHost, name: string): FakeVolume | undefined {
  return host.volumes.find((volume) => volume.name === name);
}

function withoutFiles({ files: _files, ...volume }: FakeVolume) {
  return structuredClone(volume);
}

interface Archive {
  readonly reference?: string;
  readonly image: ImageState;
  readonly without: readonly string[];
}

function parseArchive(text: string): Archive | undefined {
  try {
    return JSON.parse(text) as Archive;
  } catch {
    return undefined;
  }
}
