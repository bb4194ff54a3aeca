import { refuse, type RefusedField } from "../fields";

const SOCKET = "it is this machine's Docker. Use the host's own: mount /var/run/docker.sock.";
const CPU = "use `cpus`, `cpu_shares` or `cpuset`.";
const WINDOWS = "Ferry's hosts run Linux. Remove it.";

/** Keys of a service that are known and not supported: why, and the way out. */
export const refusedServiceKeys: Readonly<Record<string, RefusedField>> = Object.fromEntries(
  Object.entries({
    cpu_count: WINDOWS,
    cpu_percent: WINDOWS,
    cpu_rt_period: CPU,
    cpu_rt_runtime: CPU,
    credential_spec: WINDOWS,
    external_links:
      "containers outside the deployment are not on its subnet. Bring the service into this file.",
    isolation: WINDOWS,
    mac_address: "the target of a move makes a MAC address of its own. Remove it.",
    models: "Ferry runs containers only. Remove it.",
    provider: "Ferry runs containers only. Remove it.",
    use_api_socket: SOCKET,
  }).map(([key, reason]) => [key, refuse(reason)]),
);

/** Keys of fig files that a compose file has under other names. */
export const refusedInCompose: Readonly<Record<string, RefusedField>> = {
  dockerfile: refuse("it belongs to fig files. Use `build.dockerfile`."),
  log_driver: refuse("it belongs to fig files. Use `logging.driver`."),
  log_opt: refuse("it belongs to fig files. Use `logging.options`."),
  net: refuse("it belongs to fig files. Use `network_mode`."),
  volume_driver: refuse("it belongs to fig files. Give the top-level volume its `driver`."),
};

/** Keys at the top of a compose file that are known and not supported. */
export const refusedTopLevelKeys: Readonly<Record<string, RefusedField>> = {
  models: refuse("Ferry runs containers only. Remove it."),
};
