import type { Scope } from "./scope";

/** A volume plugin of others, and where the data of its volumes can be reached. */
export interface KnownDriver {
  /** What its plugin is called by default; a tag after it does not count. */
  readonly names: readonly string[];
  readonly scope: Scope;
  /** Where that is said, as plugins themselves declare it wrongly more often than not. */
  readonly source: string;
}

/**
 * Those whose own description, or code, says it. One that does both, such as NetApp's Trident, is
 * not here: the program says it of each volume.
 */
export const KNOWN_DRIVERS: readonly KnownDriver[] = [
  {
    names: ["rclone", "rclone/docker-volume-rclone"],
    scope: "shared",
    source: "rclone.org/docker: a remote storage, mounted by FUSE",
  },
  {
    names: ["juicefs", "juicedata/juicefs"],
    scope: "shared",
    source: "juicedata/docker-volume-juicefs: a file system in an object store",
  },
  {
    names: ["moosefs", "moosefs/docker-volume-moosefs"],
    scope: "shared",
    source: "moosefs/docker-volume-moosefs: a distributed file system",
  },
  {
    names: ["cephfs", "brindster/docker-plugin-cephfs"],
    scope: "shared",
    source: "Brindster/docker-plugin-cephfs: a distributed file system",
  },
  {
    names: ["sshfs", "vieux/sshfs"],
    scope: "shared",
    source: "vieux/docker-volume-sshfs: a folder of a server, mounted by FUSE",
  },
  {
    names: ["nfs", "cifs", "efs", "netshare"],
    scope: "shared",
    source: "ContainX/docker-volume-netshare: mounts of NFS, EFS and CIFS",
  },
  {
    names: [
      "glusterfs",
      "trajano/glusterfs-volume-plugin",
      "trajano/cifs-volume-plugin",
      "trajano/nfs-volume-plugin",
    ],
    scope: "shared",
    source: "trajano/docker-volume-plugins: mounts of GlusterFS, CIFS and NFS",
  },
  {
    names: ["linode", "linode/docker-volume-linode"],
    scope: "attach",
    source: "linode/docker-volume-linode: refuses a volume that is attached elsewhere",
  },
  {
    names: ["hetzner", "costela/docker-volume-hetzner"],
    scope: "attach",
    source: "costela/docker-volume-hetzner: detaches it from the other server without asking",
  },
  {
    names: ["rbd", "wetopi/rbd"],
    scope: "attach",
    source: "wetopi/docker-volume-rbd: a block device with a file system of one host",
  },
  {
    names: ["linstor", "linbit/linstor-docker-volume"],
    scope: "attach",
    source: "LINBIT's guide: DRBD, which one host opens at a time",
  },
  {
    names: ["rexray", "rexray/ebs", "rexray/gcepd", "rexray/dobs", "rexray/cinder", "rexray/rbd"],
    scope: "attach",
    source: "rexray/rexray: block storage of clouds",
  },
  {
    names: ["pxd", "portworx"],
    scope: "attach",
    source: "Portworx' documentation: a volume is attached to one node, unless made `shared`",
  },
  {
    names: ["local-persist", "buttervolume", "ccomb/buttervolume", "zfs", "dm"],
    scope: "host",
    source: "MatchbookLab/local-persist, ccomb/buttervolume, TrilliumIT/docker-zfs-plugin, dotmesh",
  },
];
