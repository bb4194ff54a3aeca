import { dialectFor, type Dialect } from "../../../provider/core/weave/dialect";
import { usesFastDatapath } from "../../../provider/core/weave/fast-datapath";
import type { Invocation } from "../../../provider/core/weave/invocation";
import { joining, type LaunchSettings } from "../../../provider/core/weave/settings";
import { atLeast, parseVersion } from "../../../provider/core/weave/version";
import { GOLDEN } from "./dialect-tables";

const plain: LaunchSettings = {
  ipallocRange: "10.32.0.0/13",
  discovery: true,
  trustedSubnets: [],
  extraFlags: [],
  targets: ["10.0.0.2", "10.0.0.3"],
  electors: 3,
};
/** What every version has a word for. */
const old: LaunchSettings = {
  ...plain,
  peerName: "02:11:22:33:44:55",
  nickname: "alpha",
  ipallocDefaultSubnet: "10.32.4.0/24",
  discovery: false,
  extraFlags: ["--plugin=false"],
  imageVersion: "1.2.3",
  password: "open sesame",
};
const full: LaunchSettings = {
  ...old,
  dnsDomain: "example.local",
  trustedSubnets: ["10.0.0.0/24", "10.0.1.0/24"],
  mtu: 1300,
  bindAddress: "10.0.0.1",
  extraFlags: ["--log-level=debug", "--plugin=false"],
};
const slow = { fastDatapath: false };
const fast = { fastDatapath: true };

/**
 * "NAME=value ... weave ...": a whole call as a shell would have it, secrets as well, so that a
 * table can be read.
 */
const line = ({ environment, secrets, argv }: Invocation) =>
  [
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...Object.keys(secrets).map((name) => `<${name}>`),
    ...argv,
  ].join(" ");

describe.each(GOLDEN)("the dialect of %s", (_title, versions, golden) => {
  const seed = ["02:00:00:00:00:01", "02:00:00:00:00:02"];
  const calls: Record<string, (dialect: Dialect) => Invocation> = {
    plain: (dialect) => dialect.launch(plain, fast),
    slow: (dialect) => dialect.launch(plain, slow),
    old: (dialect) => dialect.launch(old, fast),
    full: (dialect) => dialect.launch(full, fast),
    observer: (dialect) => dialect.launch({ ...plain, observer: true }, fast),
    seeded: (dialect) => dialect.launch({ ...plain, seed }, fast),
    resume: (dialect) => dialect.resume(plain, fast),
    prime: (dialect) => dialect.prime(),
    report: (dialect) => dialect.report(),
    reset: (dialect) => dialect.reset(),
    setup: (dialect) => dialect.setup("1.2.3"),
  };

  test.each(versions)("in %s", (version) => {
    const dialect = dialectFor(version);
    const said = Object.fromEntries(
      Object.entries(calls).map(([name, call]) => {
        try {
          return [name, line(call(dialect))];
        } catch (error) {
          return [name, (error as Error).message.replace(version, "VERSION")];
        }
      }),
    );
    expect(said).toEqual(golden);
  });

  test.each(versions)(
    "a password is on no command line and in no plain environment, in %s",
    (version) => {
      const { argv, environment, secrets } = dialectFor(version).launch(old, slow);
      expect(JSON.stringify([argv, environment])).not.toContain("sesame");
      expect(secrets).toEqual({ WEAVE_PASSWORD: "open sesame" });
    },
  );
});

test.each(["1.0.3", "1.4.6", "1.9.8", "2.0.5", "2.8.1"])("what never changed, in %s", (version) => {
  const dialect = dialectFor(version);
  const words = (invocation: Invocation) => invocation.argv.join(" ");
  expect([
    words(dialect.connect(["10.0.0.2", "10.0.0.3"])),
    words(dialect.forget(["10.0.0.2"])),
    words(dialect.stop()),
    words(dialect.rmpeer("02:00:00:00:00:01")),
    words(dialect.expose(["10.40.0.1/24"], "node1.weave.local")),
    words(dialect.expose([])),
    words(dialect.hide(["10.40.0.1/24"])),
    words(dialect.dnsAdd("printer.weave.local", ["10.0.0.9", "10.0.0.10"])),
    words(dialect.dnsRemove("printer.weave.local", ["10.0.0.9"])),
  ]).toEqual([
    "weave connect 10.0.0.2 10.0.0.3",
    "weave forget 10.0.0.2",
    "weave stop",
    "weave rmpeer 02:00:00:00:00:01",
    "weave expose 10.40.0.1/24 -h node1.weave.local",
    "weave expose",
    "weave hide 10.40.0.1/24",
    "weave dns-add 10.0.0.9 10.0.0.10 -h printer.weave.local",
    "weave dns-remove 10.0.0.9 -h printer.weave.local",
  ]);
});

test.each([
  ["1.0.3", undefined, ["weave:1.0.3", "weaveexec:1.0.3"]],
  ["1.4.6", undefined, ["weave:1.4.6", "weaveexec:1.4.6", "plugin:1.4.6"]],
  ["1.9.8", undefined, ["weave:1.9.8", "weaveexec:1.9.8", "plugin:1.9.8", "weavedb:latest"]],
  ["2.6.5", undefined, ["weave:2.6.5", "weaveexec:2.6.5", "weavedb:latest"]],
  ["2.6.5", "2.8.1", ["weave:2.8.1", "weaveexec:2.8.1", "weavedb:latest"]],
  ["unreleased", undefined, ["weave:latest", "weaveexec:latest", "weavedb:latest"]],
])("images of %s with %s", (version, imageVersion, images) => {
  expect(dialectFor(version).images(imageVersion)).toEqual(
    images.map((each) => `weaveworks/${each}`),
  );
});

test("every call is told of the images, as each runs a helper from them", () => {
  const dialect = dialectFor("2.8.1", { version: "2.9.0", images: "registry.example/mirror" });
  const reported = {
    CHECKPOINT_DISABLE: "1",
    WEAVE_VERSION: "2.9.0",
    DOCKERHUB_USER: "registry.example/mirror",
  };
  const calls = [dialect.stop(), dialect.reset(), dialect.expose([]), dialect.launch(plain, fast)];
  for (const { environment } of calls) expect(environment).toEqual(reported);
  const asked = { ...plain, imageVersion: "2.9.0", images: "rajchaudhuri" };
  expect(dialectFor("2.8.1").launch(asked, fast).environment).toEqual({
    ...reported,
    DOCKERHUB_USER: "rajchaudhuri",
  });
  expect(dialectFor("1.1.0", { version: "1.1.2" }).stop().environment).toEqual({
    VERSION: "1.1.2",
  });
});

test("images of another owner, as the command has him", () => {
  expect(dialectFor("2.9.0").images(undefined, "rajchaudhuri")).toEqual([
    "rajchaudhuri/weave:2.9.0",
    "rajchaudhuri/weaveexec:2.9.0",
    "rajchaudhuri/weavedb:latest",
  ]);
});

test.each([
  ["1.9.8", "--rewrite-inspect", "2.0"],
  ["1.5.2", "--status-addr=127.0.0.1:6782", "1.8"],
  ["2.1.3", "--metrics-addr=127.0.0.1:9000", "2.3"],
  ["2.3.0", "--no-masq-local", "2.4"],
  ["1.0.3", "--log-level=debug", "1.1"],
])("%s does not know %s: %s does", (version, flag, first) => {
  expect(() => dialectFor(version).launch({ ...plain, extraFlags: [flag] }, fast)).toThrow(
    `Weave Net ${version} has no '${flag.split("=")[0]}': ${first} was the first that had it`,
  );
});

test("a flag that no version is known to have is left to Weave", () => {
  const { argv } = dialectFor("2.6.5").launch(
    { ...plain, extraFlags: ["--from-the-future"] },
    fast,
  );
  expect(argv).toContain("--from-the-future");
});

test("the fast datapath can be ruled out by the program", () => {
  const { environment } = dialectFor("2.6.5").launch({ ...plain, noFastdp: true }, fast);
  expect(environment).toHaveProperty("WEAVE_NO_FASTDP", "1");
});

test("who joins a divided range observes, and a seed stays", () => {
  expect(joining(plain)).toEqual({ ...plain, observer: true });
  expect(joining({ ...plain, seed: ["02:00:00:00:00:01"] })).toEqual({
    ...plain,
    seed: ["02:00:00:00:00:01"],
  });
});

test("versions before 1.0 are refused", () => {
  expect(() => dialectFor("0.11.2")).toThrow(
    "Weave Net 0.11.2 is too old: Ferry knows the words of 1.0 and later",
  );
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
