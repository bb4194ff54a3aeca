import { dialectFor } from "../../../provider/core/weave/dialect";
import { usesFastDatapath } from "../../../provider/core/weave/fast-datapath";
import type { LaunchSettings } from "../../../provider/core/weave/settings";
import { atLeast, parseVersion } from "../../../provider/core/weave/version";

const plain: LaunchSettings = {
  ipallocRange: "10.32.0.0/13",
  discovery: true,
  trustedSubnets: [],
  extraFlags: [],
  targets: ["10.0.0.2", "10.0.0.3"],
  electors: 3,
};
const full: LaunchSettings = {
  ...plain,
  peerName: "02:11:22:33:44:55",
  nickname: "alpha",
  ipallocDefaultSubnet: "10.32.4.0/24",
  dnsDomain: "example.local",
  discovery: false,
  trustedSubnets: ["10.0.0.0/24", "10.0.1.0/24"],
  mtu: 1300,
  extraFlags: ["--log-level=debug"],
  password: "open sesame",
};
const quiet = { CHECKPOINT_DISABLE: "1" };

describe.each(["2.0.0", "2.6.5", "2.8.1", "unreleased"])("the dialect of version %s", (version) => {
  const dialect = dialectFor(version);

  test.each([
    [
      "launch with the least",
      dialect.launch(plain, { fastDatapath: true }),
      "weave launch --ipalloc-range=10.32.0.0/13 --ipalloc-init=consensus=3 10.0.0.2 10.0.0.3",
      quiet,
      {},
    ],
    [
      "launch with everything",
      dialect.launch(full, { fastDatapath: false }),
      "weave launch --name=02:11:22:33:44:55 --nickname=alpha --ipalloc-range=10.32.0.0/13 " +
        "--ipalloc-default-subnet=10.32.4.0/24 --ipalloc-init=consensus=3 --dns-domain=example.local. --no-discovery " +
        "--trusted-subnets=10.0.0.0/24,10.0.1.0/24 --log-level=debug 10.0.0.2 10.0.0.3",
      { ...quiet, WEAVE_MTU: "1300", WEAVE_NO_FASTDP: "1" },
      { WEAVE_PASSWORD: "open sesame" },
    ],
    [
      "connect",
      dialect.connect(["10.0.0.2", "10.0.0.3"]),
      "weave connect 10.0.0.2 10.0.0.3",
      quiet,
      {},
    ],
    ["forget", dialect.forget(["10.0.0.2"]), "weave forget 10.0.0.2", quiet, {}],
    ["stop", dialect.stop(), "weave stop", quiet, {}],
    ["prime", dialect.prime(), "weave prime", quiet, {}],
    ["reset", dialect.reset(), "weave reset --force", quiet, {}],
  ])("%s", (_what, invocation, line, environment, secrets) => {
    expect(invocation).toEqual({ argv: line.split(" "), environment, secrets });
  });

  test("a password is on no command line and in no plain environment", () => {
    const { argv, environment } = dialect.launch(full, { fastDatapath: true });
    expect(JSON.stringify([argv, environment])).not.toContain("sesame");
  });
});

test("versions before 2.0 are refused", () => {
  expect(() => dialectFor("1.9.8")).toThrow("Weave Net 1.9.8 is too old: Ferry needs 2.0 or later");
});

test.each([
  ["2.6.5", { major: 2, minor: 6, patch: 5 }],
  ["v2.8.1", { major: 2, minor: 8, patch: 1 }],
  ["weave script 1.9.8", { major: 1, minor: 9, patch: 8 }],
  ["2.6.5-rc1", { major: 2, minor: 6, patch: 5 }],
  ["unreleased", undefined],
  ["git-34de0b10a69c", undefined],
  ["", undefined],
])("version %j", (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test("versions compare by number, not by letter", () => {
  const version = { major: 2, minor: 10, patch: 0 };
  expect(atLeast(version, 2, 9)).toBe(true);
  expect(atLeast(version, 2, 10)).toBe(true);
  expect(atLeast(version, 2, 11)).toBe(false);
  expect(atLeast(version, 1, 99)).toBe(true);
  expect(atLeast(version, 3, 0)).toBe(false);
});

test.each([
  [true, "none", true],
  [false, "none", false],
  [true, "bridge", false],
  [false, "bridge", false],
  [true, "datapath", true],
  [false, "datapath", true],
] as const)("Open vSwitch %s and bridge %s: fast datapath %s", (openVSwitch, bridge, expected) => {
  expect(usesFastDatapath({ openVSwitch, bridge })).toBe(expected);
});
