import type { Input } from "@pulumi/pulumi";

/**
 * What a host is to be prepared with that has sshd and nothing else. All of it where it is left out;
 * nothing that is there already is replaced. Needs `@pulumi/command` in the program's packages.
 */
export interface BootstrapArgs {
  /**
   * Docker: the distribution's, or of Docker's own repository. `true` is the distribution's, where
   * it has one; `false` leaves it out.
   *
   * @default true
   */
  docker?: boolean | "distribution" | "docker.com";
  /**
   * rsync, python3, iptables, ebtables, ip, and GNU's and util-linux's tools in place of busybox's.
   *
   * @default true
   */
  tools?: boolean;
  /**
   * The weave command at /usr/local/bin/weave, with its images: a release of reWeave by its number,
   * or from files. `false` leaves it out.
   *
   * @default "2.9.0"
   */
  weave?: boolean | string | BootstrapWeaveArgs;
  /**
   * A folder on the machine that runs `pulumi`, with packages for the host (.deb, .rpm, .apk) and
   * all that they depend on: those of Docker and of the tools come from there, and nothing is
   * downloaded.
   */
  packages?: string;
  /**
   * Address of a proxy, for downloads, and for Docker where it is installed. May hold a password.
   */
  proxy?: Input<string>;
  /** For what the proxy is passed by: "10.0.0.0/8,registry.internal". */
  noProxy?: Input<string>;
  /** Addresses in place of the public ones, without user and password. */
  mirrors?: {
    /** Of https://download.docker.com. */
    docker?: string;
    /** Of https://github.com/rajch/weave/releases/download. */
    weave?: string;
    /** Of Docker's registry, for Docker where it is installed. */
    registry?: string;
  };
  /** Another word has the host prepared once more, as after its disk was replaced. */
  again?: string;
}

/** Where the weave command and its images come from. */
export interface BootstrapWeaveArgs {
  /** A release of reWeave (rajch/weave on GitHub). @default "2.9.0", or that of `command` */
  version?: string;
  /** Of the command; what is something else is refused. */
  sha256?: string;
  /** A file on the machine that runs `pulumi`, in place of the download. */
  command?: string;
  /**
   * An archive of the command's images there, as `docker save` makes it, in place of a registry.
   */
  archive?: string;
}
