/** How replicas of a service are changed: Compose's `deploy.update_config`. */
export interface ChangeSettings {
  /** Replicas at a time; 0 is all. @default 1 */
  readonly parallelism?: number;
  /** Seconds between one and the next. @default 0 */
  readonly delaySeconds?: number;
  /**
   * After one that could not be changed and was put back: "pause" leaves the others as they are,
   * "continue" goes on with them.
   *
   * @default "pause"
   */
  readonly onFailure?: "pause" | "continue";
  /** Seconds for which a changed container has to stay up once it is healthy. @default 0 */
  readonly monitorSeconds?: number;
  /** Share of the replicas that may fail before the others are left as they are. @default 0 */
  readonly maxFailureRatio?: number;
  /** Replicas that the service has, as far as that share is of them. @default 1 */
  readonly replicas?: number;
}

/** One at a time, and after the first failure no other one. */
export const DEFAULT_CHANGES: Required<ChangeSettings> = {
  parallelism: 1,
  delaySeconds: 0,
  onFailure: "pause",
  monitorSeconds: 0,
  maxFailureRatio: 0,
  replicas: 1,
};
