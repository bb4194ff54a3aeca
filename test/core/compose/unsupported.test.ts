import { documentedTables } from "../../../provider/core/compose";
import { read, wrong } from "./helpers";

/** The Compose Specification's keys of a service; each is read or refused, none is unknown. */
const KEYS =
  `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name
  cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec
  depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file
  environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation
  label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models
  network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged
  profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size
  stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
  volumes volumes_from working_dir`.split(/\s+/);

const services = documentedTables.Services ?? [];
const figServices = documentedTables["Services in fig files"] ?? [];

describe("keys of a service", () => {
  it("are all known", () => {
    const known = new Set(services.map(({ key }) => key));
    expect(KEYS.filter((key) => !known.has(key))).toEqual([]);
  });

  it.each(services.filter(({ supported }) => !supported))(
    "$key is refused with its reason, even when it is empty",
    ({ key, text }) => {
      expect(wrong(`${key}: {}`)).toEqual([`${key}: not supported: ${text}`]);
      expect(wrong(`${key}:`)).toEqual([`${key}: not supported: ${text}`]);
    },
  );

  it.each(services.filter(({ supported }) => supported))(
    "$key says something of a value that it cannot use",
    ({ key }) => {
      const text = `services: {a: {${key}: [[[]]], x-image: y}}`;
      const { problems: wrong, notes } = read(text);
      const [message, ...more] = [...wrong, ...notes]
        .map(({ path, reason }) => `${path}: ${reason}`)
        .filter((line) => !line.startsWith("services.a: "));
      expect(message).toMatch(new RegExp(`^services\\.a\\.${key}.*: .+\\.$`));
      expect(more).toEqual([]);
    },
  );

  it.each([...services, ...figServices].filter(({ supported }) => !supported))(
    "$key: the reason says what to do",
    ({ text }) => {
      expect(text).toMatch(
        /(Use|use|Remove|Give|give|Put|Write|Bring|Run|Take|Change|must|Name) .*\.$/s,
      );
    },
  );

  it.each([
    ["port: [80]", "port: unknown key. Did you mean 'ports'?"],
    ["enviroment: {}", "enviroment: unknown key. Did you mean 'environment'?"],
    ["depends-on: []", `depends-on: unknown key. Did you mean 'depends_on'?`],
    ["frobnicate: 1", "frobnicate: unknown key. Remove it."],
    ["X-note: 1", "X-note: unknown key. Remove it."],
    ["constructor: 1", "constructor: unknown key. Remove it."],
    ["__proto__: 1", "__proto__: unknown key. Remove it."],
  ])("%s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });
});
