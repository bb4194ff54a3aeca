/** What runs already, and where. An empty one is Compose's project of the file's name. */
export interface AdoptArgs {
  /** Compose's project. The file's `name`, else the deployment's, when absent. */
  project?: string;
  /** The host that it runs on. Wherever it is found when absent. */
  host?: string;
  /** Containers that `docker run` has made, by service, one for each replica. */
  containers?: Record<string, string[]>;
}

/** A container that runs already. */
export interface AdoptedContainer {
  /** Its name, as `docker ps` shows it. */
  container?: string;
  /** In place of its name: the project that Compose made it for. */
  project?: string;
  /** And the service. */
  service?: string;
  /** How many replicas of the service there are to be. */
  replicas?: number;
  /** The only host to look on. */
  host?: string;
}
