/** What the dialect says for each call: the call as a shell would have it, or why there is none. */
type Table = Readonly<Record<string, string>>;

/**
 * Each table has the words that came with its version; the others are those of the version before.
 */
const since1_0: Table = {
  plain: "weave launch -iprange 10.32.0.0/13 -initpeercount 3 10.0.0.2 10.0.0.3",
  slow: "weave launch -iprange 10.32.0.0/13 -initpeercount 3 10.0.0.2 10.0.0.3",
  old:
    "VERSION=1.2.3 <WEAVE_PASSWORD> weave launch -name 02:11:22:33:44:55 -nickname alpha -iprange 10.32.0.0/13 " +
    "-ipsubnet 10.32.4.0/24 -initpeercount 3 -nodiscovery 10.0.0.2 10.0.0.3",
  full: "Weave Net VERSION has no dnsDomain: 1.1 was the first that had it",
  observer: "Weave Net VERSION has no observers: 1.5 was the first that had it",
  seeded: "Weave Net VERSION has no seeds: 1.5 was the first that had it",
  resume: "Weave Net VERSION has no 'weave launch --resume': 1.6 was the first that had it",
  prime: "Weave Net VERSION has no 'weave prime': 1.5 was the first that had it",
  report: "Weave Net VERSION has no 'weave report': 1.1 was the first that had it",
  reset: "weave reset",
  setup: "VERSION=1.2.3 weave setup",
};

const since1_1: Table = {
  ...since1_0,
  plain: "weave launch --ipalloc-range=10.32.0.0/13 --init-peer-count=3 10.0.0.2 10.0.0.3",
  slow: "weave launch --ipalloc-range=10.32.0.0/13 --init-peer-count=3 10.0.0.2 10.0.0.3",
  old:
    "VERSION=1.2.3 <WEAVE_PASSWORD> weave launch --name=02:11:22:33:44:55 --nickname=alpha " +
    "--ipalloc-range=10.32.0.0/13 --ipalloc-default-subnet=10.32.4.0/24 --init-peer-count=3 --no-discovery 10.0.0.2 10.0.0.3",
  full: "Weave Net VERSION has no mtu: 1.2 was the first that had it",
  report: "weave report",
};

const since1_2: Table = {
  ...since1_1,
  slow: "WEAVE_NO_FASTDP=1 weave launch --ipalloc-range=10.32.0.0/13 --init-peer-count=3 10.0.0.2 10.0.0.3",
  old:
    "WEAVE_VERSION=1.2.3 <WEAVE_PASSWORD> weave launch --name=02:11:22:33:44:55 --nickname=alpha " +
    "--ipalloc-range=10.32.0.0/13 --ipalloc-default-subnet=10.32.4.0/24 --init-peer-count=3 --no-discovery 10.0.0.2 10.0.0.3",
  full: "Weave Net VERSION has no bindAddress: 1.5 was the first that had it",
  setup: "WEAVE_VERSION=1.2.3 weave setup",
};

const since1_4: Table = {
  ...since1_2,
  old:
    "WEAVE_NO_PLUGIN=1 WEAVE_VERSION=1.2.3 <WEAVE_PASSWORD> weave launch --name=02:11:22:33:44:55 --nickname=alpha " +
    "--ipalloc-range=10.32.0.0/13 --ipalloc-default-subnet=10.32.4.0/24 --init-peer-count=3 --no-discovery 10.0.0.2 10.0.0.3",
};

const since1_5: Table = {
  ...since1_4,
  plain:
    "CHECKPOINT_DISABLE=1 weave launch --ipalloc-range=10.32.0.0/13 --ipalloc-init=consensus=3 10.0.0.2 10.0.0.3",
  slow:
    "CHECKPOINT_DISABLE=1 WEAVE_NO_FASTDP=1 weave launch --ipalloc-range=10.32.0.0/13 --ipalloc-init=consensus=3 " +
    "10.0.0.2 10.0.0.3",
  old:
    "CHECKPOINT_DISABLE=1 WEAVE_NO_PLUGIN=1 WEAVE_VERSION=1.2.3 <WEAVE_PASSWORD> weave launch --name=02:11:22:33:44:55 " +
    "--nickname=alpha --ipalloc-range=10.32.0.0/13 --ipalloc-default-subnet=10.32.4.0/24 --ipalloc-init=consensus=3 " +
    "--no-discovery 10.0.0.2 10.0.0.3",
  full:
    "CHECKPOINT_DISABLE=1 WEAVE_MTU=1300 WEAVE_NO_PLUGIN=1 WEAVE_VERSION=1.2.3 <WEAVE_PASSWORD> weave launch " +
    "--name=02:11:22:33:44:55 --nickname=alpha --host=10.0.0.1 --ipalloc-range=10.32.0.0/13 " +
    "--ipalloc-default-subnet=10.32.4.0/24 --ipalloc-init=consensus=3 --dns-domain=example.local. --no-discovery " +
    "--trusted-subnets=10.0.0.0/24,10.0.1.0/24 --log-level=debug 10.0.0.2 10.0.0.3",
  observer:
    "CHECKPOINT_DISABLE=1 weave launch --ipalloc-range=10.32.0.0/13 --ipalloc-init=observer 10.0.0.2 10.0.0.3",
  seeded:
    "CHECKPOINT_DISABLE=1 weave launch --ipalloc-range=10.32.0.0/13 " +
    "--ipalloc-init=seed=02:00:00:00:00:01,02:00:00:00:00:02 10.0.0.2 10.0.0.3",
  prime: "CHECKPOINT_DISABLE=1 weave prime",
  report: "CHECKPOINT_DISABLE=1 weave report",
  reset: "CHECKPOINT_DISABLE=1 weave reset",
  setup: "CHECKPOINT_DISABLE=1 WEAVE_VERSION=1.2.3 weave setup",
};

const since1_6: Table = {
  ...since1_5,
  resume:
    "CHECKPOINT_DISABLE=1 weave launch --ipalloc-range=10.32.0.0/13 --ipalloc-init=consensus=3 --resume",
  reset: "CHECKPOINT_DISABLE=1 weave reset --force",
};

const since2_0: Table = {
  ...since1_6,
  old:
    "CHECKPOINT_DISABLE=1 WEAVE_VERSION=1.2.3 <WEAVE_PASSWORD> weave launch --name=02:11:22:33:44:55 " +
    "--nickname=alpha --ipalloc-range=10.32.0.0/13 --ipalloc-default-subnet=10.32.4.0/24 --ipalloc-init=consensus=3 " +
    "--no-discovery --plugin=false 10.0.0.2 10.0.0.3",
  full:
    "CHECKPOINT_DISABLE=1 WEAVE_MTU=1300 WEAVE_VERSION=1.2.3 <WEAVE_PASSWORD> weave launch " +
    "--name=02:11:22:33:44:55 --nickname=alpha --host=10.0.0.1 --ipalloc-range=10.32.0.0/13 " +
    "--ipalloc-default-subnet=10.32.4.0/24 --ipalloc-init=consensus=3 --dns-domain=example.local. --no-discovery " +
    "--trusted-subnets=10.0.0.0/24,10.0.1.0/24 --log-level=debug --plugin=false 10.0.0.2 10.0.0.3",
};

/**
 * Each row: the versions it holds for, and the calls. Where each word comes from:
 * provider/core/weave/words.ts.
 */
export const GOLDEN: [string, string[], Table][] = [
  ["1.0", ["1.0.0", "1.0.3"], since1_0],
  ["1.1", ["1.1.0", "1.1.2"], since1_1],
  ["1.2 and 1.3", ["1.2.1", "1.3.1"], since1_2],
  ["1.4", ["1.4.0", "1.4.6"], since1_4],
  ["1.5", ["1.5.0", "1.5.2"], since1_5],
  ["1.6 to 1.9", ["1.6.0", "1.9.8"], since1_6],
  ["2.0 and later", ["2.0.0", "2.6.5", "2.8.1", "unreleased"], since2_0],
];
