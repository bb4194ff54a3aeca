import { NO_IMAGE, roomFor } from "../../../provider/core/image/room";
import { roomProblem, type Disks } from "../../../provider/core/move/room";
import type { ImageState } from "../../../provider/core/adapter-ports";

const one = (freeBytes: number): Disks => {
  const volumes = { path: "/var/lib/docker/volumes", id: "/dev/sda1", freeBytes };
  return { volumes, images: { ...volumes, path: "/var/lib/docker" } };
};
const two = (volumes: number, images: number): Disks => ({
  volumes: { path: "/srv/volumes", id: "/dev/sdb1", freeBytes: volumes },
  images: { path: "/var/lib/containerd", id: "/dev/sda1", freeBytes: images },
});

describe("what an image takes on the host that it comes to", () => {
  const image = (more: Partial<ImageState> = {}): ImageState => ({
    id: "sha256:a",
    sizeBytes: 100,
    architecture: "amd64",
    ...more,
  });
  const reported = image({ sizeBytes: 140, stored: { archive: 40, unpacked: 100 } });

  test.each([
    ["Docker's own store reports what is unpacked", image(), "docker", "docker", 200, 100],
    ["and containerd's keeps its archive, too", image(), "docker", "containerd", 200, 200],
    ["containerd's reports both", reported, "containerd", "containerd", 140, 140],
    ["and Docker's own keeps one of them", reported, "containerd", "docker", 140, 100],
    ["before Docker 28 it tells the archive alone", image(), "containerd", "containerd", 400, 400],
  ] as const)("%s", (_what, of, from, to, coming, kept) => {
    expect(roomFor(of, from, to)).toEqual({ coming, kept });
  });
});

describe("room for a move", () => {
  const of = { host: "node2", dataBytes: 9e8, image: NO_IMAGE };

  test("counts what is spared, and says both figures", () => {
    expect(roomProblem({ ...of, disks: one(1e9) })).toBeUndefined();
    expect(roomProblem({ ...of, disks: one(1e9), image: { coming: 2e8, kept: 1e8 } })).toBe(
      "900 MB of data and 100 MB of image need 1.1 GB on host 'node2' (67.1 MB to spare included), where 1.0 GB are free",
    );
  });

  test("what an image takes only while it comes is free again for the data", () => {
    const image = { coming: 1e9, kept: 5e8 };
    expect(roomProblem({ ...of, dataBytes: 5e8, disks: one(1.07e9), image })).toBeUndefined();
    expect(roomProblem({ ...of, dataBytes: 1e8, disks: one(1e9), image })).toBe(
      "100 MB of data and 1.0 GB of image while it comes need 1.1 GB on host 'node2' (67.1 MB to spare included), where 1.0 GB are free",
    );
  });

  test("is looked for on the disk that it is needed on", () => {
    const image = { coming: 5e8, kept: 5e8 };
    expect(roomProblem({ ...of, disks: two(1e9, 6e8), image })).toBeUndefined();
    expect(roomProblem({ ...of, disks: two(1e9, 4e8), image })).toMatch(
      /^500 MB of image need 567 MB in '\/var\/lib\/containerd' on host 'node2' .* 400 MB are free$/,
    );
    expect(roomProblem({ ...of, disks: two(4e8, 1e9), image })).toMatch(
      /^900 MB of data need 967 MB in '\/srv\/volumes' on host 'node2'/,
    );
  });

  test("a full disk for images is no reason where the image is there", () => {
    expect(roomProblem({ ...of, disks: two(1e9, 0) })).toBeUndefined();
  });
});
