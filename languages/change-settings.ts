/** How replicas of a service are changed: Compose's `deploy.update_config`. */
export interface ChangeSettings {
  /** Replicas at a time; 0 is all. 1 when absent. */
  parallelism?: number;
  /** Seconds between one and the next. */
  delaySeconds?: number;
  /** "pause" or "continue", after one that was put back. */
  onFailure?: string;
  /** Seconds for which a changed container has to stay up once it is healthy. */
  monitorSeconds?: number;
  /** Share of the replicas that may fail before the others are left as they are. */
  maxFailureRatio?: number;
  /** Replicas that the service has, as far as that share is of them. */
  replicas?: number;
}
