import {
  describeDifferences,
  differences,
  parseRouterArguments,
  parseRouterImage,
  targetChanges,
  type RouterContainer,
} from "../../../provider/core/weave/router-container";
import type { RouterSettings } from "../../../provider/core/weave/settings";

/** As Docker showed it for `weave launch` of 2.6.5 with the flags that the dialect writes. */
const scriptsOwn = [
  ...["--port", "6783", "--nickname", "node1", "--host-root=/host", "--docker-bridge", "docker0"],
  ...["--weave-bridge", "weave", "--datapath", "datapath"],
];
const scriptsOwnToo = [
  ...["--ipalloc-range", "10.32.0.0/13", "--dns-listen-address", "172.17.0.1:53"],
  ...["--http-addr", "127.0.0.1:6784", "--status-addr", "127.0.0.1:6782"],
  ...["--resolv-conf", "/var/run/weave/etc/resolv.conf", "-H", "unix:///var/run/weave/weave.sock"],
  ...["--plugin", "--proxy"],
];
const plain: RouterSettings = {
  ipallocRange: "10.32.0.0/13",
  discovery: true,
  trustedSubnets: [],
  extraFlags: [],
};
const router = (settings: RouterSettings, password: RouterContainer["password"] = "none") => ({
  status: "running",
  imageVersion: "2.6.5",
  images: "weaveworks",
  fastDatapath: false,
  settings,
  password,
});

describe("settings read back from a router's arguments", () => {
  test("of a launch with the least", () => {
    const argv = [
      ...scriptsOwn,
      "--no-fastdp",
      ...scriptsOwnToo,
      "--ipalloc-init=consensus=3",
      "10.0.0.2",
    ];
    expect(parseRouterArguments(argv)).toEqual(plain);
  });

  test("of a launch with everything", () => {
    const argv = [
      ...[...scriptsOwn, "--mtu", "1300", "--no-fastdp", ...scriptsOwnToo],
      ...["--name=02:11:22:33:44:55", "--nickname=alpha", "--ipalloc-default-subnet=10.32.4.0/24"],
      ...["--ipalloc-init=consensus=3", "--dns-domain=example.local.", "--no-discovery"],
      ...[
        "--trusted-subnets=10.0.1.0/24,10.0.0.0/24",
        "--log-level=debug",
        "--plugin=false",
        "10.0.0.2",
      ],
    ];
    expect(parseRouterArguments(argv)).toEqual({
      peerName: "02:11:22:33:44:55",
      nickname: "alpha",
      ipallocRange: "10.32.0.0/13",
      ipallocDefaultSubnet: "10.32.4.0/24",
      dnsDomain: "example.local",
      discovery: false,
      trustedSubnets: ["10.0.0.0/24", "10.0.1.0/24"],
      mtu: 1300,
      extraFlags: ["--log-level=debug", "--plugin=false"],
    });
  });

  test("of a launch by hand, with values in words of their own", () => {
    const argv = [
      ...scriptsOwn,
      ...scriptsOwnToo,
      "--log-level",
      "debug",
      "--no-discovery",
      "node2",
      "--odd",
    ];
    expect(parseRouterArguments(argv)).toEqual({
      ...plain,
      discovery: false,
      extraFlags: ["--log-level=debug"],
    });
  });

  test("of something that is no router at all", () => {
    expect(parseRouterArguments(["sleep", "100"])).toMatchObject({ ipallocRange: "" });
    expect(parseRouterArguments([])).toMatchObject({ ipallocRange: "" });
  });
});

test.each([
  ["weaveworks/weave:2.6.5", "2.6.5", "weaveworks"],
  ["docker.io/weaveworks/weave:2.6.5", "2.6.5", "weaveworks"],
  ["rajchaudhuri/weave", "latest", "rajchaudhuri"],
  ["registry.example:5000/mirror/weave:2.9.0", "2.9.0", "registry.example:5000/mirror"],
  ["registry.example:5000/mirror/weave", "latest", "registry.example:5000/mirror"],
  ["weave:2.6.5", "2.6.5", ""],
])("the image %s", (image, imageVersion, images) => {
  expect(parseRouterImage(image)).toEqual({ imageVersion, images });
});

describe("differences", () => {
  const actual = { peerName: "02:00:00:00:00:01", nickname: "node1" };

  test("none when all is as wanted, and none for what the program leaves open", () => {
    expect(differences(plain, router(plain), actual)).toEqual([]);
    const named = { ...plain, peerName: actual.peerName, nickname: "node1" };
    expect(differences(named, router(plain), actual)).toEqual([]);
    expect(differences(plain, router({ ...plain, nickname: "node1" }), actual)).toEqual([]);
  });

  test("none between a default that is said and one that is not", () => {
    const said = { ...plain, dnsDomain: "weave.local", ipallocDefaultSubnet: "10.32.0.0/13" };
    expect(differences(plain, router(said), actual)).toEqual([]);
    expect(differences(said, router(plain), actual)).toEqual([]);
  });

  test("each setting is told with both values", () => {
    const wanted = {
      ...plain,
      nickname: "alpha",
      ipallocRange: "10.96.0.0/12",
      discovery: false,
      mtu: 1300,
      extraFlags: ["--log-level=debug"],
    };
    expect(describeDifferences(differences(wanted, router(plain), actual))).toBe(
      "nickname is node1, not alpha; ipallocRange is 10.32.0.0/13, not 10.96.0.0/12; discovery is true, not false; " +
        "mtu is Weave's default, not 1300; extraFlags is none, not --log-level=debug",
    );
  });

  test("a version that the program names, and another image", () => {
    expect(differences({ ...plain, imageVersion: "2.6.5" }, router(plain), actual)).toEqual([]);
    expect(
      describeDifferences(differences({ ...plain, imageVersion: "2.8.1" }, router(plain), actual)),
    ).toBe("imageVersion is 2.6.5, not 2.8.1");
  });

  test("whose images they are, where the program says it", () => {
    expect(differences({ ...plain, images: "weaveworks" }, router(plain), actual)).toEqual([]);
    const wanted = { ...plain, imageVersion: "2.9.0", images: "rajchaudhuri" };
    expect(describeDifferences(differences(wanted, router(plain), actual))).toBe(
      "imageVersion is 2.6.5, not 2.9.0; images is weaveworks, not rajchaudhuri",
    );
  });

  test("the fast datapath differs only where the program rules it out", () => {
    const fast = { ...router(plain), fastDatapath: true };
    expect(differences({ ...plain, noFastdp: false }, router(plain), actual)).toEqual([]);
    expect(differences({ ...plain, noFastdp: true }, router(plain), actual)).toEqual([]);
    expect(differences(plain, fast, actual)).toEqual([]);
    expect(describeDifferences(differences({ ...plain, noFastdp: true }, fast, actual))).toBe(
      "noFastdp is false, not true",
    );
  });

  test.each([
    [undefined, "none", []],
    [undefined, "other", ["password"]],
    ["open sesame", "none", ["password"]],
    ["open sesame", "same", []],
    ["open sesame", "other", ["password"]],
  ] as const)("password %s against %s", (password, found, expected) => {
    const wanted = password === undefined ? plain : { ...plain, password };
    const different = differences(wanted, router(plain, found), actual);
    expect(different.map(({ setting }) => setting)).toEqual(expected);
    expect(describeDifferences(different)).not.toContain("sesame");
  });
});

test("targets to add and to take away", () => {
  expect(targetChanges(["10.0.0.2:6783", "10.0.0.3"], ["10.0.0.2", "10.0.0.9"])).toEqual({
    connect: ["10.0.0.3"],
    forget: ["10.0.0.9"],
  });
  expect(targetChanges(["10.0.0.2:6000"], ["10.0.0.2:6000"])).toEqual({ connect: [], forget: [] });
});
