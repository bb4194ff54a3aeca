import { application, fileWith, problems, read } from "./helpers";

const reported = (text: string, options: Parameters<typeof read>[1] = {}) =>
  read(text, options).notes.map(({ path, reason }) => `${path}: ${reason}`);

describe("profiles", () => {
  const text = `
services:
  web: {image: a}
  debug: {image: "b:$UNSET", profiles: [dev, test]}
  seed: {image: c, profiles: [seed]}`;
  const names = (...profiles: string[]) =>
    Object.keys(application(text, { profiles, variables: { UNSET: "1" } }).services);

  it("are off unless the program says so, and what is off is not looked at", () => {
    expect(Object.keys(application(text).services)).toEqual(["web"]);
    expect(names("dev")).toEqual(["debug", "web"]);
    expect(names("test", "seed")).toEqual(["debug", "seed", "web"]);
    expect(names("*")).toEqual(["debug", "seed", "web"]);
  });

  it("that are nowhere are told", () => {
    expect(read(text, { profiles: ["prod"] }).warnings.map(({ reason }) => reason)).toEqual([
      "profiles: no service has the profile 'prod'.",
    ]);
    expect(
      problems("services: {a: {image: a, depends_on: [b]}, b: {image: b, profiles: [x]}}"),
    ).toEqual([
      "services.a.depends_on[0]: depends on 'b', whose profiles are off. Give the deployment one of them in `profiles`.",
    ]);
    expect(problems("services: {a: {image: a, profiles: [x]}}")).toEqual([
      "services: every service of the file has a profile that is off. Give the deployment `profiles`.",
    ]);
  });
});

describe("ignore", () => {
  it("leaves a refused key out, and says so", () => {
    const text = fileWith("cpu_count: 1\nports: ['http', '80']");
    const ignore = ["services.web.cpu_count", "services.*.ports[0]"];
    const { services } = application(text, { ignore });
    expect(services.web?.container.ports).toEqual([{ containerPort: 80, protocol: "tcp" }]);
    expect(reported(text, { ignore })).toEqual([
      "services.web.cpu_count, services.web.ports[0]: is ignored, as the program says.",
    ]);
  });

  it("may make one network of several", () => {
    const text =
      "services: {a: {image: a, networks: [x]}, b: {image: b, networks: [y]}}\nnetworks: {x: , y: }";
    const ignore = ["networks", "services.*.networks"];
    expect(application(text).services.a?.reach).toBeDefined();
    expect(application(text, { ignore }).services.a?.reach).toBeUndefined();
  });

  it.each([
    [
      ["services.web.gpu"],
      [],
      "ignore: there is no 'services.web.gpu' in it. Take it out of `ignore`.",
    ],
    [['services.web.labels["a.b"]'], [], undefined],
  ])("%j", (ignore, wrong, warning) => {
    const result = read(fileWith("labels: {a.b: 1}"), { ignore });
    expect(result.problems).toEqual(wrong);
    const warnings = result.warnings
      .map(({ reason }) => reason)
      .filter((each) => /ignore/.test(each));
    expect(warnings).toEqual(warning === undefined ? [] : [warning]);
  });

  it("refuses what is no path", () => {
    expect(problems(fileWith(""), { ignore: ["a..b", ""] })[0]).toMatch(
      /^: ignore: 'a..b' is no path/,
    );
  });
});

describe("the file's .env", () => {
  const envFile = { name: ".env", content: "TAG=1 # comment\nPORT=80\nURL=http://$HOST/" };
  const text = "services: {a: {image: 'a:$TAG', environment: {P: $PORT, URL: }}}";

  it("gives what the program does not", () => {
    const variables = { HOST: "given", PORT: "81" };
    const { a } = application(text, { envFile, variables }).services;
    expect(a?.container.image).toBe("a:1");
    expect(a?.environment).toEqual({ P: "81", URL: "http://given/" });
  });

  it("is told by line where it cannot be read, without its values", () => {
    const bad = { name: ".env", content: "A=1\nnot a secret" };
    expect(problems(text, { envFile: bad })).toContain(": line 2 of .env is not NAME=value.");
  });
});

describe("what says nothing to a container on a remote host", () => {
  it.each([
    "deploy: {placement: {constraints: [node.role == manager]}}",
    "deploy: {restart_policy: {delay: 5s}}",
    "deploy: {restart_policy: {window: 5s}}",
    "deploy: {endpoint_mode: dnsrr}",
    "deploy: {labels: {a: b}}",
    "platform: linux/arm64",
    "develop: {watch: []}",
  ])("is told in one line: %s", (lines) => {
    const text = fileWith(lines);
    expect(Object.keys(application(text).services.web?.container ?? {})).toEqual(
      /restart_policy/.test(lines) ? ["image", "restart"] : ["image"],
    );
    expect(reported(text)).toEqual([expect.stringMatching(/^services\.web\..*: is passed over: /)]);
  });

  it.each(["attach: false", "pull_policy: missing", "profiles: []", "build:"])(
    "says nothing of what changes nothing: %s",
    (lines) => {
      expect(reported(fileWith(lines))).toEqual([]);
    },
  );
});

describe("what Docker is told at a container's creation", () => {
  const container = (lines: string, options = {}) => {
    const { image, ...rest } = application(fileWith(lines), options).services.web?.container ?? {};
    expect(image).toBe("web");
    return rest;
  };

  it.each<[string, object]>([
    ["annotations: [a=b]", { annotations: { a: "b" } }],
    ["cgroup: host", { cgroupNamespace: "host" }],
    ["cgroup_parent: m-x.slice", { cgroupParent: "m-x.slice" }],
    ["cpu_period: 100000\ncpu_quota: 50000", { cpuPeriod: 100000, cpuQuota: 50000 }],
    ["device_cgroup_rules: ['c 1:3 mr']", { deviceCgroupRules: ["c 1:3 mr"] }],
    ["dns_opt: ['ndots:1']", { dnsOptions: ["ndots:1"] }],
    ["ipc: host", { ipcNamespace: "host" }],
    ["pid: host", { pidNamespace: "host" }],
    ["network_mode: host", { networkNamespace: "host" }],
    ["uts: host", { utsNamespace: "host" }],
    ["userns_mode: host", { userNamespace: "host" }],
    ["mem_swappiness: 0", { memorySwappiness: 0 }],
    ["oom_kill_disable: true", { oomKillDisable: true }],
    ["runtime: nvidia", { runtime: "nvidia" }],
    ["storage_opt: {size: 1G}", { storageOptions: { size: "1G" } }],
    ["healthcheck: {start_interval: 2s}", { healthcheck: { test: [], startIntervalSeconds: 2 } }],
    ["gpus: all", { deviceRequests: [{ count: -1, capabilities: ["gpu"] }] }],
    [
      "gpus: [{driver: nvidia, device_ids: ['0'], options: {a: b}}]",
      {
        deviceRequests: [
          { driver: "nvidia", deviceIds: ["0"], capabilities: ["gpu"], options: { a: "b" } },
        ],
      },
    ],
    [
      "deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}",
      { deviceRequests: [{ driver: "nvidia", count: 1, capabilities: ["gpu"] }] },
    ],
    [
      "blkio_config: {weight: 300, weight_device: [{path: /dev/a, weight: 400}], device_read_bps: [{path: /dev/a, rate: 1mb}]}",
      {
        blockIo: {
          weight: 300,
          weightDevices: [{ path: "/dev/a", rate: 400 }],
          readBps: [{ path: "/dev/a", rate: 1048576 }],
        },
      },
    ],
  ])("%s", (lines, expected) => {
    expect(container(lines)).toEqual(expected);
  });

  it("has the labels of files, and its own before them", () => {
    const readFile = (name: string) => (name === "l" ? "a=1\nb=2" : undefined);
    expect(container("label_file: l\nlabels: {b: own}", { readFile })).toEqual({
      labels: { a: "1", b: "own" },
    });
    expect(problems(fileWith("label_file: [x]"), { readFile })).toEqual([
      "services.web.label_file[0]: label file 'x' not found. Its path is relative to this file.",
    ]);
  });
});
