import { refused, type RefusedField } from "../fields";

const IMAGES_ONLY = "Ferry runs images and builds none. Build the image yourself and give `image`.";
const NAMES =
  "Ferry names containers `<deployment>-<service>-<index>`, the same on every host, so that a move can find them. Remove it.";
const HOSTNAME =
  "a replica's host name is `<service>.<deployment>.weave.local`, so that names and addresses agree. Use a link's alias for another name.";
const NAMESPACES =
  "a namespace shared with the host or another container would not move with the replica. Remove it.";
const FILES =
  "Ferry copies no files from this machine to the hosts. Put them in the image or a volume, or use `environment`.";
const CPU = "use `cpus`, `cpu_shares` or `cpuset`.";
const WINDOWS = "Ferry's hosts run Linux. Remove it.";
const ONE_FILE = "Ferry reads one file. Write the service out, or use a YAML anchor and `<<`.";
const SPEC = "Ferry does not pass it to Docker. Remove it.";

/** Keys of a service that are known and not supported: why, and the way out. */
export const refusedServiceKeys: Readonly<Record<string, RefusedField>> = Object.fromEntries(
  Object.entries({
    annotations: "use `labels`.",
    attach: "`pulumi up` shows no container's output. Use `docker logs`.",
    blkio_config: SPEC,
    build: IMAGES_ONLY,
    cgroup: NAMESPACES,
    cgroup_parent: SPEC,
    configs: FILES,
    container_name: NAMES,
    cpu_count: WINDOWS,
    cpu_percent: WINDOWS,
    cpu_period: CPU,
    cpu_quota: CPU,
    cpu_rt_period: CPU,
    cpu_rt_runtime: CPU,
    credential_spec: WINDOWS,
    develop: "Ferry runs applications and does not watch sources. Remove it.",
    device_cgroup_rules: "use `devices`.",
    dns_opt: SPEC,
    domainname: HOSTNAME,
    extends: ONE_FILE,
    external_links:
      "containers outside the deployment are not on its subnet. Bring the service into this file.",
    gpus: "Ferry does not hand out devices by what they can do. Use `devices`.",
    hostname: HOSTNAME,
    ipc: NAMESPACES,
    isolation: WINDOWS,
    label_file: FILES,
    mac_address: "the target of a move makes a MAC address of its own. Remove it.",
    mem_swappiness: "use `memswap_limit`.",
    models: "Ferry runs containers only. Remove it.",
    oom_kill_disable: "use `oom_score_adj`.",
    pid: NAMESPACES,
    platform: "the image must suit the hosts as it is. Remove it.",
    post_start: "use the image's entry point, or `entrypoint`.",
    pre_stop: "use `stop_signal` and `stop_grace_period`.",
    profiles: "every service of the file is run. Take the service out, or give it `scale: 0`.",
    provider: "Ferry runs containers only. Remove it.",
    pull_refresh_after: "Ferry gets an image when a host lacks it. Change the tag to get another.",
    runtime: SPEC,
    secrets: FILES,
    storage_opt: SPEC,
    use_api_socket: FILES,
    userns_mode: NAMESPACES,
    uts: NAMESPACES,
    volumes_from:
      "a replica moves with its own volumes only. Name the volumes in each service that mounts them.",
  }).map(([key, reason]) => [key, refused(reason)]),
);

/** Keys of fig files that a compose file has under other names. */
export const refusedInCompose: Readonly<Record<string, RefusedField>> = {
  dockerfile: refused(IMAGES_ONLY),
  log_driver: refused("it belongs to fig files. Use `logging.driver`."),
  log_opt: refused("it belongs to fig files. Use `logging.options`."),
  net: refused("it belongs to fig files. Use `network_mode`."),
  volume_driver: refused("it belongs to fig files. Give the top-level volume its `driver`."),
};

export const refusedInFig: Readonly<Record<string, RefusedField>> = {
  dockerfile: refused(IMAGES_ONLY),
};

/** Keys at the top of a compose file that are known and not supported. */
export const refusedTopLevelKeys: Readonly<Record<string, RefusedField>> = {
  include: refused(ONE_FILE),
  secrets: refused(FILES),
  configs: refused(FILES),
  models: refused("Ferry runs containers only. Remove it."),
};
