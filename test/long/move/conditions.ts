import type { ReplicaInputs } from "../../../provider/core/replica/model";

/** What makes a whole move hard, rather than one step of it. */
export interface Condition {
  readonly name: string;
  /** How the move under this condition is to end. */
  readonly ends: "moved" | "taken back" | "refused";
  /** What the program says of the replica, given what it says otherwise. */
  change?(spec: ReplicaInputs["spec"]): Partial<ReplicaInputs>;
  /**
   * The replica was like that before the move, and stays so after it; else only the program of the
   * struck run says so.
   */
  readonly lasting?: boolean;
  /** Runs in the source's container from before the move until that ends. */
  readonly meanwhile?: string;
  /** What there is to copy comes as so many files of 4 kB, rather than as a large one. */
  readonly smallFiles?: number;
}

/** PID 1 does not pass the signal on, and does not end by it: only SIGKILL does. */
const DEAF = 'trap "" TERM; while :; do redis-server "$@"; done';

/**
 * Passes when its container is half a minute old, by the machine's clock: word 22 of /proc/1/stat
 * is when that began.
 */
const LATE = [
  "read -r up rest </proc/uptime",
  "read -r line </proc/1/stat",
  "set -- $line",
  "[ $((${up%%.*} - ${22} / 100)) -ge 30 ] && /usr/bin/redis-cli ping",
].join("; ");

export const conditions: readonly Condition[] = [
  {
    name: "image that does not start",
    ends: "taken back",
    change: (spec) => ({ spec: { ...spec, command: ["--no-such-option", "1"] } }),
  },
  {
    name: "image that is nowhere",
    ends: "taken back",
    change: (spec) => ({ spec: { ...spec, image: "no.such.invalid/image:1" } }),
  },
  {
    name: "healthcheck that never passes",
    ends: "taken back",
    change: (spec) => ({
      spec: { ...spec, healthcheck: { test: ["CMD", "/bin/false"], intervalSeconds: 1 } },
      healthTimeoutSeconds: 4,
    }),
  },
  {
    name: "target that is ready late",
    ends: "moved",
    // Docker's own checks would call it unhealthy meanwhile, and so come later.
    change: (spec) => ({
      spec: { ...spec, healthcheck: { test: ["CMD-SHELL", LATE], intervalSeconds: 60 } },
      healthTimeoutSeconds: 60,
    }),
  },
  {
    name: "container that ignores SIGTERM",
    ends: "moved",
    lasting: true,
    change: (spec) => ({
      spec: {
        ...spec,
        entrypoint: ["/bin/sh", "-c", DEAF, "deaf"],
        stopTimeoutSeconds: 2,
      },
    }),
  },
  {
    name: "data that changes faster than it copies",
    ends: "moved",
    meanwhile:
      "while :; do dd if=/dev/zero of=/data/marker-churn bs=1M count=64 conv=notrunc; done",
  },
  {
    name: "many small files",
    ends: "moved",
    smallFiles: 8_000,
    meanwhile:
      "mkdir -p /data/marker-churn; n=0; " +
      "while :; do n=$((n + 1)); echo $n >/data/marker-churn/$((n % 900)); [ $((n % 50)) -ne 0 ] || sleep 0.05; done",
  },
];
