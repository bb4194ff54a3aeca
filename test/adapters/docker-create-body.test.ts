import type { ContainerSpec } from "../../provider/core/container-spec";
import { barrierIn } from "../../provider/core/move/start-barrier";
import type { ContainerRequest } from "../../provider/core/adapter-ports";
import { createBody, restartPolicy } from "../../provider/adapters/docker/create-body";

const request = (
  spec: Partial<ContainerSpec>,
  more: Partial<ContainerRequest> = {},
): ContainerRequest => ({
  name: "apples-redis-0",
  environment: {},
  volumeNames: {},
  labels: {},
  hostname: "redis",
  dnsSearch: [],
  overlayAddresses: [],
  ...more,
  spec: { image: "redis:7", ...spec },
});

test("the least that can be asked for says nothing that Docker would decide itself", () => {
  expect(createBody(request({}))).toEqual({
    Image: "redis:7",
    Hostname: "redis",
    Env: [],
    Labels: {},
    HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } },
  });
});

test("everything that can be asked for", () => {
  const spec: ContainerSpec = {
    image: "redis:7",
    entrypoint: ["/entry"],
    command: ["redis-server", "--appendonly", "yes"],
    workingDir: "/data",
    user: "999:999",
    groupAdd: ["audio"],
    ports: [
      { containerPort: 6379, hostPort: 6380, hostIp: "127.0.0.1", protocol: "tcp" },
      { containerPort: 6379, hostPort: 6381, protocol: "tcp" },
      { containerPort: 53, protocol: "udp" },
    ],
    mounts: [
      { type: "volume", volume: "data", target: "/data" },
      { type: "volume", target: "/scratch", readOnly: true },
      { type: "bind", source: "/etc/localtime", target: "/etc/localtime", readOnly: true },
      { type: "tmpfs", target: "/run", sizeBytes: 1024, mode: 0o755 },
      { type: "tmpfs", target: "/tmp" },
    ],
    labels: { team: "fruit", "pulumi-ferry.epoch": "forged" },
    restart: { name: "always" },
    healthcheck: {
      test: ["CMD", "redis-cli", "ping"],
      intervalSeconds: 1.5,
      timeoutSeconds: 2,
      startPeriodSeconds: 30,
      retries: 3,
    },
    stopSignal: "SIGINT",
    stopTimeoutSeconds: 20,
    init: true,
    tty: true,
    stdinOpen: true,
    readOnly: true,
    privileged: true,
    capAdd: ["NET_ADMIN"],
    capDrop: ["ALL"],
    securityOpt: ["no-new-privileges"],
    devices: [{ hostPath: "/dev/fuse", containerPath: "/dev/fuse", permissions: "rwm" }],
    sysctls: { "net.core.somaxconn": "1024" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    extraHosts: [{ name: "db", ip: "10.0.0.9" }],
    dns: ["10.0.0.53"],
    dnsSearch: ["example.org"],
    memoryBytes: 268_435_456,
    memorySwapBytes: 536_870_912,
    memoryReservationBytes: 134_217_728,
    shmSizeBytes: 67_108_864,
    cpus: 0.29,
    cpuShares: 512,
    cpusetCpus: "0,1",
    pidsLimit: 100,
    oomScoreAdj: -500,
    logging: { driver: "json-file", options: { "max-size": "10m" } },
  };
  const body = createBody(
    request(spec, {
      environment: { GREETING: "it's a $ecret = yes", EMPTY: "", WEAVE_CIDR: "10.9.9.9/8" },
      volumeNames: { data: "apples_data" },
      labels: { "pulumi-ferry.epoch": "3" },
      domainname: "apples.weave.local",
      dnsSearch: ["apples.weave.local", "."],
      restart: { name: "on-failure", maximumRetryCount: 5 },
      overlayAddresses: ["10.40.0.2/24", "10.41.0.2/24"],
    }),
  );
  expect(body).toMatchInlineSnapshot(`
   {
     "Cmd": [
       "redis-server",
       "--appendonly",
       "yes",
     ],
     "Domainname": "apples.weave.local",
     "Entrypoint": [
       "/entry",
     ],
     "Env": [
       "GREETING=it's a $ecret = yes",
       "EMPTY=",
       "WEAVE_CIDR=10.40.0.2/24 10.41.0.2/24",
     ],
     "ExposedPorts": {
       "53/udp": {},
       "6379/tcp": {},
     },
     "Healthcheck": {
       "Interval": 1500000000,
       "Retries": 3,
       "StartPeriod": 30000000000,
       "Test": [
         "CMD",
         "redis-cli",
         "ping",
       ],
       "Timeout": 2000000000,
     },
     "HostConfig": {
       "CapAdd": [
         "NET_ADMIN",
       ],
       "CapDrop": [
         "ALL",
       ],
       "CpuShares": 512,
       "CpusetCpus": "0,1",
       "Devices": [
         {
           "CgroupPermissions": "rwm",
           "PathInContainer": "/dev/fuse",
           "PathOnHost": "/dev/fuse",
         },
       ],
       "Dns": [
         "10.0.0.53",
       ],
       "DnsSearch": [
         "example.org",
         "apples.weave.local",
         ".",
       ],
       "ExtraHosts": [
         "db:10.0.0.9",
       ],
       "GroupAdd": [
         "audio",
       ],
       "Init": true,
       "LogConfig": {
         "Config": {
           "max-size": "10m",
         },
         "Type": "json-file",
       },
       "Memory": 268435456,
       "MemoryReservation": 134217728,
       "MemorySwap": 536870912,
       "Mounts": [
         {
           "ReadOnly": false,
           "Source": "apples_data",
           "Target": "/data",
           "Type": "volume",
         },
         {
           "ReadOnly": true,
           "Source": "",
           "Target": "/scratch",
           "Type": "volume",
         },
         {
           "ReadOnly": true,
           "Source": "/etc/localtime",
           "Target": "/etc/localtime",
           "Type": "bind",
         },
         {
           "ReadOnly": false,
           "Source": "",
           "Target": "/run",
           "TmpfsOptions": {
             "Mode": 493,
             "SizeBytes": 1024,
           },
           "Type": "tmpfs",
         },
         {
           "ReadOnly": false,
           "Source": "",
           "Target": "/tmp",
           "Type": "tmpfs",
         },
       ],
       "NanoCpus": 290000000,
       "OomScoreAdj": -500,
       "PidsLimit": 100,
       "PortBindings": {
         "53/udp": [
           {
             "HostIp": "",
             "HostPort": "",
           },
         ],
         "6379/tcp": [
           {
             "HostIp": "127.0.0.1",
             "HostPort": "6380",
           },
           {
             "HostIp": "",
             "HostPort": "6381",
           },
         ],
       },
       "Privileged": true,
       "ReadonlyRootfs": true,
       "RestartPolicy": {
         "MaximumRetryCount": 5,
         "Name": "on-failure",
       },
       "SecurityOpt": [
         "no-new-privileges",
       ],
       "ShmSize": 67108864,
       "Sysctls": {
         "net.core.somaxconn": "1024",
       },
       "Ulimits": [
         {
           "Hard": 2048,
           "Name": "nofile",
           "Soft": 1024,
         },
       ],
     },
     "Hostname": "redis",
     "Image": "redis:7",
     "Labels": {
       "pulumi-ferry.epoch": "3",
       "team": "fruit",
     },
     "OpenStdin": true,
     "StopSignal": "SIGINT",
     "StopTimeout": 20,
     "Tty": true,
     "User": "999:999",
     "WorkingDir": "/data",
   }
  `);
});

test("a restart count counts for on-failure only", () => {
  expect(restartPolicy({ name: "always", maximumRetryCount: 5 })).toEqual({
    Name: "always",
    MaximumRetryCount: 0,
  });
});

test("health switched off stays off", () => {
  const { Healthcheck } = createBody(request({ healthcheck: { test: ["NONE"] } }));
  expect(Healthcheck).toEqual({ Test: ["NONE"] });
});

test("a volume without a name is refused", () => {
  const mounts = [{ type: "volume" as const, volume: "data", target: "/data" }];
  expect(() => createBody(request({ mounts }))).toThrow("volume 'data' has no name");
});

describe("behind a start barrier", () => {
  const image = { entrypoint: ["/entry"], command: ["serve"] };
  const atBarrier = (spec: Partial<ContainerSpec>, of: typeof image | object = image) => {
    const startBarrier = { ...barrierIn("abc", "statically"), name: "r-2", image: of };
    const { Entrypoint, Cmd, HostConfig } = createBody(request(spec, { startBarrier }));
    return { Entrypoint, Cmd, mounts: HostConfig?.Mounts };
  };
  const before = ["/.ferry/abc/sh", "-c", expect.any(String), "/.ferry/hold/r-2"];

  test.each<[string, Partial<ContainerSpec>, string[]]>([
    ["the image's own words", {}, ["/entry", "serve"]],
    ["a command", { command: ["other", "x"] }, ["/entry", "other", "x"]],
    ["an entry point, which leaves the image's command out", { entrypoint: ["/mine"] }, ["/mine"]],
    ["both", { entrypoint: ["/mine"], command: ["x"] }, ["/mine", "x"]],
    ["an entry point taken away", { entrypoint: [""], command: ["x"] }, ["x"]],
  ])("runs what Docker would run: %s", (_name, spec, words) => {
    expect(atBarrier(spec)).toMatchObject({ Entrypoint: before, Cmd: words });
  });

  test("an image that says nothing is left to Docker, which refuses it in its own words", () => {
    expect(atBarrier({}, {})).toMatchObject({ Entrypoint: undefined, Cmd: undefined });
  });

  test("has the start barrier's volume beside its own, read-only", () => {
    const { mounts } = atBarrier({ mounts: [{ type: "tmpfs", target: "/tmp" }] });
    expect(mounts).toEqual([
      { Target: "/tmp", Type: "tmpfs", ReadOnly: false, Source: "" },
      { Type: "volume", Source: "pulumi-ferry-gate", Target: "/.ferry", ReadOnly: true },
    ]);
  });

  test("a shell that needs its loader is started by it", () => {
    expect(barrierIn("abc", "dynamically").entrypoint.slice(0, 5)).toEqual([
      "/.ferry/abc/ld.so",
      "--library-path",
      "/.ferry/abc/lib",
      "/.ferry/abc/sh",
      "-c",
    ]);
  });
});

test("what Docker takes in its short form of a mount only is given in that form", () => {
  const { HostConfig } = createBody(
    request(
      {
        ports: [{ containerPort: 80, hostPortRange: "8080-8090", protocol: "tcp" }],
        mounts: [
          { type: "bind", source: "/a", target: "/a", selinux: "z", propagation: "rslave" },
          { type: "bind", source: "/b", target: "/b", readOnly: true, createHostPath: true },
          { type: "volume", volume: "data", target: "/c", selinux: "Z", noCopy: true },
          { type: "volume", target: "/d", selinux: "z" },
          { type: "tmpfs", target: "/e", sizeBytes: 1024, mode: 0o700, options: ["uid=1", "exec"] },
          { type: "volume", volume: "data", target: "/f", noCopy: true },
          { type: "bind", source: "/g", target: "/g", propagation: "shared" },
        ],
      },
      { volumeNames: { data: "apples_data" } },
    ),
  );
  expect(HostConfig).toMatchObject({
    PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080-8090" }] },
    Binds: ["/a:/a:rw,z,rslave", "/b:/b:ro", "apples_data:/c:rw,Z,nocopy", "/d:rw,z"],
    Tmpfs: { "/e": "uid=1,exec,size=1024,mode=700" },
    Mounts: [
      { Type: "volume", Source: "apples_data", Target: "/f", VolumeOptions: { NoCopy: true } },
      { Type: "bind", Source: "/g", Target: "/g", BindOptions: { Propagation: "shared" } },
    ],
  });
});

test("what is seldom asked for has its place in Docker's request", () => {
  const device = [{ path: "/dev/sda", rate: 500 }];
  const { HostConfig, Healthcheck } = createBody(
    request({
      annotations: { a: "b" },
      cgroupParent: "m-x.slice",
      cgroupNamespace: "private",
      dnsOptions: ["ndots:1"],
      memorySwappiness: 0,
      oomKillDisable: true,
      storageOptions: { size: "1G" },
      runtime: "nvidia",
      deviceRequests: [{ driver: "nvidia", count: -1, capabilities: ["gpu"] }],
      pidNamespace: "host",
      ipcNamespace: "shareable",
      userNamespace: "host",
      cpuQuota: 50000,
      cpuPeriod: 100000,
      deviceCgroupRules: ["c 1:3 r"],
      healthcheck: { test: ["CMD", "x"], startIntervalSeconds: 2 },
      blockIo: {
        ...{ weight: 300, weightDevices: device },
        ...{ readBps: device, writeBps: device, readIops: device, writeIops: device },
      },
    }),
  );
  const rate = [{ Path: "/dev/sda", Rate: 500 }];
  expect(Healthcheck).toEqual({ Test: ["CMD", "x"], StartInterval: 2_000_000_000 });
  expect(HostConfig).toEqual({
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    Annotations: { a: "b" },
    CgroupParent: "m-x.slice",
    CgroupnsMode: "private",
    DnsOptions: ["ndots:1"],
    MemorySwappiness: 0,
    OomKillDisable: true,
    StorageOpt: { size: "1G" },
    Runtime: "nvidia",
    DeviceRequests: [{ Driver: "nvidia", Count: -1, Capabilities: [["gpu"]] }],
    PidMode: "host",
    IpcMode: "shareable",
    UsernsMode: "host",
    CpuQuota: 50000,
    CpuPeriod: 100000,
    DeviceCgroupRules: ["c 1:3 r"],
    BlkioWeight: 300,
    BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 500 }],
    BlkioDeviceReadBps: rate,
    BlkioDeviceWriteBps: rate,
    BlkioDeviceReadIOps: rate,
    BlkioDeviceWriteIOps: rate,
  });
});

test.each([
  ["1.41", { MacAddress: "0a:fe:0a:28:00:02" }],
  ["1.43", { MacAddress: "0a:fe:0a:28:00:02" }],
  [
    "1.44",
    { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: "0a:fe:0a:28:00:02" } } } },
  ],
  [
    "1.56",
    { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: "0a:fe:0a:28:00:02" } } } },
  ],
])(
  "one that is kept apart has its MAC where API %s takes it, and nowhere else",
  (api, expected) => {
    const overlayAddresses = ["10.40.0.2/27"];
    const { MacAddress, NetworkingConfig, HostConfig } = createBody(
      request({ dockerBridge: "alone" }, { overlayAddresses }),
      api,
    );
    expect({ MacAddress, NetworkingConfig }).toEqual({
      MacAddress: undefined,
      NetworkingConfig: undefined,
      ...expected,
    });
    expect(HostConfig?.NetworkMode).toBe("bridge");
  },
);

test("one on its host's network has its host's name, and none that it could not have", () => {
  const body = createBody(request({ networkNamespace: "host", utsNamespace: "host" }));
  expect(body.HostConfig).toMatchObject({ NetworkMode: "host", UTSMode: "host" });
});

test("a folder inside of a volume", () => {
  const mounts = [{ type: "volume", volume: "data", target: "/data", subPath: "a/b" }] as const;
  const body = createBody(request({ mounts }, { volumeNames: { data: "apples_data" } }));
  expect(body.HostConfig?.Mounts?.[0]).toMatchObject({
    Source: "apples_data",
    VolumeOptions: { NoCopy: false, Subpath: "a/b" },
  });
});

test("one without a network is on no bridge", () => {
  const body = createBody(
    request({ dockerBridge: "none" }, { overlayAddresses: ["10.40.0.2/27"] }),
  );
  expect(body.HostConfig?.NetworkMode).toBe("none");
  expect(body.NetworkingConfig).toBeUndefined();
});
