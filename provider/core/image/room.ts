import type { DockerInfo, ImageState } from "../adapter-ports";

type Store = DockerInfo["imageStore"];

/** What an image takes on the host that it comes to, in bytes. */
export interface ImageRoom {
  /** While it comes: the archive and what is unpacked of it lie side by side in either store. */
  readonly coming: number;
  /** From then on: containerd's store keeps the archive as well. */
  readonly kept: number;
}

export const NO_IMAGE: ImageRoom = { coming: 0, kept: 0 };

/** Layers are compressed to about a third. */
const UNPACKED_OF_PACKED = 3;

/** For an image that one host's store has, and another one's lacks. */
export function roomFor(image: ImageState, from: Store, to: Store): ImageRoom {
  const { archive, unpacked } = sizesOf(image, from);
  const both = archive + unpacked;
  return { coming: both, kept: to === "containerd" ? both : unpacked };
}

/**
 * Docker's own store reports what is unpacked, and its archives are not compressed. What
 * containerd's reports is both together in Docker 29, and the archive alone before, so that its
 * parts are taken where they are told.
 */
function sizesOf({ sizeBytes, stored }: ImageState, store: Store) {
  if (store === "docker") return { archive: sizeBytes, unpacked: sizeBytes };
  return stored ?? { archive: sizeBytes, unpacked: sizeBytes * UNPACKED_OF_PACKED };
}
