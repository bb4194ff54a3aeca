import type { ImageRoom } from "../image/room";
import { formatBytes } from "./format";

/** Room that stays free on the target beside the copy: a full disk stops more than one replica. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** A folder of a host, and the disk that it is on. */
export interface Disk {
  readonly path: string;
  /** The same for two folders that share their room. */
  readonly id: string;
  readonly freeBytes: number;
}

/** Where a host's Docker keeps what a move brings. */
export interface Disks {
  readonly volumes: Disk;
  readonly images: Disk;
}

interface Room {
  readonly host: string;
  readonly disks: Disks;
  readonly dataBytes: number;
  readonly image: ImageRoom;
}

/** Why the copy does not fit; undefined when it does. */
export function roomProblem({ host, disks, dataBytes, image }: Room): string | undefined {
  const { volumes, images } = disks;
  const data = `${formatBytes(dataBytes)} of data`;
  if (volumes.id !== images.id) {
    return (
      lack(host, volumes, data, dataBytes, true) ??
      // An image that comes from a registry, or is there, is none of what is measured here.
      (image.coming === 0
        ? undefined
        : lack(host, images, `${formatBytes(image.coming)} of image`, image.coming, true))
    );
  }
  // The image comes first, and what it took for that alone is free again when the data comes.
  const needed = Math.max(image.coming, image.kept + dataBytes);
  const comes = needed > image.kept + dataBytes;
  const what =
    image.coming === 0
      ? data
      : `${data} and ${formatBytes(comes ? image.coming : image.kept)} of image${comes ? " while it comes" : ""}`;
  return lack(host, volumes, what, needed, false);
}

function lack(
  host: string,
  { path, freeBytes }: Disk,
  what: string,
  bytes: number,
  named: boolean,
): string | undefined {
  const needed = bytes + SPARE_BYTES;
  if (freeBytes >= needed) return undefined;
  const where = named ? ` in '${path}'` : "";
  return (
    `${what} need ${formatBytes(needed)}${where} on host '${host}' ` +
    `(${formatBytes(SPARE_BYTES)} to spare included), where ${formatBytes(freeBytes)} are free`
  );
}
