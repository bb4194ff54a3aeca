import type { DockerInfo } from "../../core/adapter-ports";

/** What Docker answers to `GET /version`; Podman answers the same way. */
export interface DockerVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Arch: string;
  readonly Components?: readonly { readonly Name: string }[];
}

/** What Docker answers to `GET /info`, as far as it is read here. */
export interface SystemInfo {
  readonly ID?: string;
  readonly OperatingSystem: string;
  readonly DockerRootDir: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly KernelVersion?: string;
  readonly CgroupVersion?: string;
  readonly LiveRestoreEnabled?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
  readonly Containerd?: { readonly Address?: string } | null;
}

/** Docker up to 24 took every API from this one on. */
const FIRST_API = "1.12";

export function dockerInfo(version: DockerVersion, info: SystemInfo): DockerInfo {
  const option = (name: string) =>
    (info.SecurityOptions ?? []).some((each) => each.split(",").includes(`name=${name}`));
  const isContainerd = (info.DriverStatus ?? []).some(
    ([key, value]) => key === "driver-type" && value?.startsWith("io.containerd.snapshotter"),
  );
  const isPodman = (version.Components ?? []).some(({ Name }) => /podman/i.test(Name));
  return {
    id: info.ID ?? "",
    version: version.Version,
    apiVersion: version.ApiVersion,
    // In the words that images use, "amd64"; `info` has the kernel's, "x86_64".
    architecture: version.Arch,
    operatingSystem: info.OperatingSystem,
    rootDirectory: info.DockerRootDir,
    ...(info.NCPU ? { cpus: info.NCPU } : {}),
    ...(info.MemTotal ? { memoryBytes: info.MemTotal } : {}),
    containerdAddress: info.Containerd?.Address ?? "",
    minApiVersion: version.MinAPIVersion ?? FIRST_API,
    engine: isPodman ? "podman" : "docker",
    rootless: option("rootless"),
    usernsRemap: option("userns"),
    liveRestore: info.LiveRestoreEnabled ?? false,
    imageStore: isContainerd ? "containerd" : "docker",
    kernel: info.KernelVersion ?? "",
    cgroupVersion: info.CgroupVersion === "2" ? "2" : "1",
  };
}
