import type { Input } from "@pulumi/pulumi";

/** Flocker's REST API, and what an API user has of it. */
export interface FlockerControl {
  /** As the machine reaches it that runs the program: "https://control:4523". */
  control: Input<string>;
  /** The cluster's certificate (`cluster.crt`), in PEM. Secret in state. */
  ca: Input<string>;
  /** An API user's certificate, in PEM. Secret in state. */
  cert: Input<string>;
  /** Its key, in PEM. Secret in state. */
  key: Input<string>;
}
