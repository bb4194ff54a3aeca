import { application, notes, read, web, wrong } from "./helpers";

const SIZES = "Write bytes, or a number with b, k, m, g or t (powers of 1024): 512m, 1.5g, 64kb.";

describe("resources", () => {
  it.each<[string, object]>([
    ["mem_limit: 512m", { memoryBytes: 536870912 }],
    ["mem_limit: 1.5gb", { memoryBytes: 1610612736 }],
    ["mem_limit: 64KiB", { memoryBytes: 65536 }],
    ["mem_limit: 1073741824", { memoryBytes: 1073741824 }],
    ["mem_limit: 1g\nmemswap_limit: 2g", { memoryBytes: 2 ** 30, memorySwapBytes: 2 ** 31 }],
    ["memswap_limit: -1\nmem_limit: 1g", { memoryBytes: 2 ** 30, memorySwapBytes: -1 }],
    ["mem_reservation: 100b", { memoryReservationBytes: 100 }],
    ["shm_size: 64m", { shmSizeBytes: 67108864 }],
    ["cpus: .5", { cpus: 0.5 }],
    ["cpus: 0\ncpu_shares: 0\ncpuset: ''", {}],
    ["deploy: {resources: {limits: {cpus: '0.0'}}}", {}],
    ["cpu_shares: 512", { cpuShares: 512 }],
    ["cpuset: 0-3,6", { cpusetCpus: "0-3,6" }],
    ["pids_limit: -1", { pidsLimit: -1 }],
    ["oom_score_adj: -500", { oomScoreAdj: -500 }],
    [
      "ulimits: {nofile: 1024, nproc: {soft: 10, hard: -1}}",
      {
        ulimits: [
          { name: "nofile", soft: 1024, hard: 1024 },
          { name: "nproc", soft: 10, hard: -1 },
        ],
      },
    ],
    [
      "deploy: {resources: {limits: {cpus: '0.5', memory: 1g, pids: 10}, reservations: {memory: 1m}}}",
      { cpus: 0.5, memoryBytes: 2 ** 30, pidsLimit: 10, memoryReservationBytes: 2 ** 20 },
    ],
    ["mem_limit: 1024m\ndeploy: {resources: {limits: {memory: 1g}}}", { memoryBytes: 2 ** 30 }],
  ])("%s", (lines, expected) => {
    expect(web(lines).container).toEqual({ image: "web", ...expected });
  });

  it.each<[string, string]>([
    ["mem_limit: lots", `mem_limit: 'lots' is not a size. ${SIZES}`],
    ["mem_limit: -1", `mem_limit: '-1' is not a size. ${SIZES}`],
    ["memswap_limit: 1g", "memswap_limit: needs `mem_limit` beside it."],
    [
      "mem_limit: 2g\nmemswap_limit: 1g",
      "memswap_limit: is below `mem_limit`, and counts memory and swap together. Raise it.",
    ],
    ["mem_limit: 1g\nmem_reservation: 2g", "mem_reservation: is above the memory limit. Lower it."],
    ["cpu_shares: 1", "cpu_shares: '1' is not a whole number of 2 to 262144. Write one."],
    ["cpuset: all", `cpuset: 'all' is not a set of CPUs. Write "0-3" or "0,2".`],
    ["pids_limit: 1.5", "pids_limit: '1.5' is not a whole number of -1 or more. Write one."],
    ["ulimits: {nofiles: 1}", "ulimits.nofiles: Linux has no such limit. Did you mean 'nofile'?"],
    ["ulimits: {nofile: {soft: 1}}", "ulimits.nofile: needs both `soft` and `hard`."],
    [
      "ulimits: {nofile: {soft: -1, hard: 1}}",
      "ulimits.nofile: has `soft` above `hard`. Lower `soft`.",
    ],
    [
      "mem_limit: 1g\ndeploy: {resources: {limits: {memory: 2g}}}",
      "deploy.resources.limits.memory: says something else than services.web.mem_limit. Keep one of them.",
    ],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });
});

describe("deploy and scale", () => {
  it.each<[string, number]>([
    ["tty: true", 1],
    ["scale: 3", 3],
    ["scale: 0", 0],
    ["deploy: {mode: replicated, replicas: 2}", 2],
    ["scale: 2\ndeploy: {replicas: 2}", 2],
  ])("%s", (lines, scale) => {
    expect(web(lines).scale).toBe(scale);
  });

  it.each<[string, object]>([
    ["{}", { name: "always" }],
    ["{condition: none}", { name: "no" }],
    ["{condition: any}", { name: "always" }],
    ["{condition: always}", { name: "always" }],
    ["{condition: ''}", { name: "always" }],
    ["{condition: unless-stopped}", { name: "unless-stopped" }],
    ["{max_attempts: 3}", { name: "always" }],
    ["{condition: any, max_attempts: 3}", { name: "always" }],
    ["{condition: on-failure, max_attempts: 0}", { name: "on-failure" }],
    ["{condition: on-failure, max_attempts: 3}", { name: "on-failure", maximumRetryCount: 3 }],
  ])("restart_policy: %s", (value, expected) => {
    expect(web(`deploy: {restart_policy: ${value}}`).container.restart).toEqual(expected);
  });

  it("takes the restart policy of `deploy` before the service's own, and says so", () => {
    for (const lines of [
      "restart: no\ndeploy: {restart_policy: {condition: any}}",
      "deploy: {restart_policy: {condition: any}}\nrestart: no",
    ]) {
      expect(web(lines).container.restart).toEqual({ name: "always" });
      expect(notes(lines)).toEqual([
        "restart: is passed over for services.web.deploy.restart_policy, as in Compose.",
      ]);
    }
    expect(notes("deploy: {restart_policy: {max_attempts: 3}}")).toEqual([
      "deploy.restart_policy.max_attempts: counts with `condition: on-failure` only, as Docker bounds no other restarts.",
    ]);
  });

  it.each<[string, string]>([
    ["scale: -1", "scale: '-1' is not a whole number of 0 to 1000. Write one."],
    [
      "scale: 2\ndeploy: {replicas: 3}",
      "deploy.replicas: says something else than services.web.scale. Keep one of them.",
    ],
    [
      "deploy: {mode: global}",
      "deploy.mode: 'global' is Swarm's: one on each host, also on those that come later, whose addresses nothing has planned. Write replicated, and " +
        'give the deployment as many as there are hosts: `scale: { web: 2 }` with `hosts: { web: ["node1", "node2"] }`.',
    ],
    ["deploy: {replica: 2}", "deploy.replica: unknown key. Did you mean 'replicas'?"],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });

  it("warns of a published port that replicas would share on one host", () => {
    const { warnings } = read("a: {image: a, scale: 2, ports: [81, '80:80']}");
    expect(warnings).toEqual([
      {
        path: "a.ports[1]",
        reason: "publishes host port 80 with 2 replicas: no two of them can be on one host.",
        at: { line: 1, column: 37 },
      },
    ]);
    expect(application("a: {image: a, scale: 2, ports: [81]}").services.a?.scale).toBe(2);
    expect(read("a: {image: a, scale: 2, ports: [81]}").warnings).toEqual([]);
  });
});
