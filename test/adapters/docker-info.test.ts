import { dockerInfo } from "../../provider/adapters/docker/info";

const VERSION = { Version: "26.1.5", ApiVersion: "1.45", MinAPIVersion: "1.24", Arch: "amd64" };
const INFO = {
  ID: "AAAA:BBBB",
  OperatingSystem: "Debian GNU/Linux 13 (trixie)",
  DockerRootDir: "/var/lib/docker",
  KernelVersion: "6.12.1",
  CgroupVersion: "2",
  LiveRestoreEnabled: true,
  SecurityOptions: ["name=seccomp,profile=builtin", "name=cgroupns"],
  DriverStatus: [["Backing Filesystem", "extfs"]],
};

test("Docker says what it is", () => {
  expect(dockerInfo(VERSION, INFO)).toEqual({
    id: "AAAA:BBBB",
    version: "26.1.5",
    apiVersion: "1.45",
    minApiVersion: "1.24",
    architecture: "amd64",
    operatingSystem: "Debian GNU/Linux 13 (trixie)",
    rootDirectory: "/var/lib/docker",
    containerdAddress: "",
    engine: "docker",
    rootless: false,
    usernsRemap: false,
    liveRestore: true,
    imageStore: "docker",
    kernel: "6.12.1",
    cgroupVersion: "2",
  });
});

test("what stands in its place, and how it is set up, is seen", () => {
  const options = ["name=seccomp,profile=default", "name=rootless", "name=userns"];
  const info = {
    ...INFO,
    SecurityOptions: options,
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
    Containerd: { Address: "/run/containerd/containerd.sock" },
  };
  const version = { ...VERSION, Components: [{ Name: "Podman Engine" }] };
  expect(dockerInfo(version, info)).toMatchObject({
    engine: "podman",
    rootless: true,
    usernsRemap: true,
    imageStore: "containerd",
    containerdAddress: "/run/containerd/containerd.sock",
  });
});

test("an old daemon that says less is taken for what it is", () => {
  const { Version, ApiVersion, Arch } = VERSION;
  const { OperatingSystem, DockerRootDir } = INFO;
  const version = { Version, ApiVersion, Arch };
  const info = { OperatingSystem, DockerRootDir, SecurityOptions: null, DriverStatus: null };
  expect(dockerInfo(version, info)).toMatchObject({
    minApiVersion: "1.12",
    engine: "docker",
    imageStore: "docker",
    cgroupVersion: "1",
  });
});
