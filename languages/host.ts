import type { Input } from "@pulumi/pulumi";

/** The fields of a connection without a further jump. */
export interface JumpHost {
  /** Address or name that the machine running `pulumi` dials; `user@` and `:port` may be in it. */
  host: Input<string>;
  /** 22 when absent. */
  port?: Input<number>;
  /** root, or a user of the docker group who may `sudo` without a password. root when absent. */
  user?: Input<string>;
  /** Private key in PEM or OpenSSH form. Kept as a secret. */
  privateKey?: Input<string>;
  /** Passphrase of the private key. Kept as a secret. */
  privateKeyPassword?: Input<string>;
  /** Kept as a secret. */
  password?: Input<string>;
  /** Path of an SSH agent's socket. */
  agentSocketPath?: Input<string>;
  /** The one key of the agent's that is offered: its public half or "SHA256:..." fingerprint. */
  agentKey?: Input<string>;
  /** The host's public key, its fingerprint, or its lines of known_hosts. */
  hostKey?: Input<string>;
  /** Accept whatever key the host shows when there is no host key. false when absent. */
  trustOnFirstUse?: Input<boolean>;
  /** Take what is not said here from ~/.ssh/config and the system's. false when absent. */
  sshConfig?: Input<boolean>;
  /** The same from a file. */
  sshConfigFile?: Input<string>;
  /** Seconds for one attempt to connect. 15 when absent. */
  perDialTimeout?: Input<number>;
  /** How often to try again. 3 when absent. */
  dialErrorLimit?: Input<number>;
}

/** How a host is reached. */
export interface Connection extends JumpHost {
  /** A jump host through which this one is reached. */
  proxy?: Input<JumpHost>;
}

/** A host of a cluster: how it is reached, and what is to become of it. */
export interface Host extends Connection {
  /** Replicas leave this host in the next `up`, and nothing new is placed here. */
  drain?: Input<boolean>;
  /** What deployments ask for by `place`'s `on`, and Compose's `node.labels`. */
  labels?: Input<Record<string, Input<string>>>;
  /** CPUs that replicas may reserve. What was found when absent. */
  cpus?: Input<number>;
  /** Memory that replicas may reserve, such as "14g". What was found when absent. */
  memory?: Input<string>;
}
