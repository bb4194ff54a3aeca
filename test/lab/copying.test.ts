import { mustRun, run } from "../../lab";
import { hostDataMovers } from "../../provider/adapters/volume/data-movers";
import type { CopyRoute, DataMover } from "../../provider/core/move/move-ports";
import type { Host } from "../../provider/core/adapter-ports";
import { dataMoverContract, type MoverPair } from "../contracts/data-mover-contract";
import { weaveLab } from "./weave-lab";

jest.setTimeout(120_000);

const lab = weaveLab("copying", 2);
const on = (host: string, command: string) => mustRun(host, command, lab.lab);

const pairFor = async (user: string): Promise<MoverPair> => {
  const open = (name: string) => lab.context.hosts.open(name, { ...lab.connection(name), user });
  const folder = "/var/lib/docker/volumes/ferry_contract/_data";
  return {
    movers: hostDataMovers,
    source: await open("node1"),
    target: await open("node2"),
    write: async ({ name }, file, content) => {
      await on(name, `printf %s '${content}' > ${folder}/${file}`);
    },
    remove: async ({ name }, file) => {
      await on(name, `rm ${folder}/${file}`);
    },
    read: async ({ name }) => {
      const listed = await on(name, `cd ${folder} && grep -H '' * || true`);
      const lines = listed.split("\n").filter((line) => line !== "");
      return Object.fromEntries(lines.map((line) => line.split(":") as [string, string]));
    },
  };
};

describe.each(["root", "ferry"])("copying between lab hosts as user %s", (user) => {
  let pair: MoverPair;
  beforeAll(async () => {
    pair = await pairFor(user);
  });
  dataMoverContract(() => pair);
});

describe.each([
  ["root", "/root"],
  ["ferry", "/home/ferry"],
])("the one-off key of user %s", (user, home) => {
  let source: Host;
  let target: Host;
  const reported: string[] = [];
  const routeOf = (replica: string): CopyRoute => ({
    replica,
    source,
    target,
    paths: [{ name: "v", source: "/srv/secret", target: "/srv/copy" }],
    progress: { info: () => undefined, warn: (message) => void reported.push(message) },
    label: "mv/key",
  });
  const keys = () => on("node1", `cat ${home}/.ssh/authorized_keys`);
  const left = async () =>
    (await on("node2", "ls -d /run/ferry-move-* 2>/dev/null || true")) +
    (await on("node1", "ls -d /var/lib/ferry 2>/dev/null || true"));
  let before = "";

  beforeAll(async () => {
    ({ source, target } = await pairFor(user));
    await on(
      "node1",
      "mkdir -p /srv/secret && echo mine > /srv/secret/file && echo no > /srv/other",
    );
    await on("node2", "mkdir -p /srv/copy");
    before = await keys();
  });

  test("reads the moved volume and does nothing else", async () => {
    const mover = await hostDataMovers.open(routeOf("a/b/c/d/0"));
    const config = (await on("node2", "ls -d /run/ferry-move-*/config")).trim();
    const asked = async (command: string) => {
      const { code, stdout, stderr } = await run(
        "node2",
        ["ssh", "-F", config, "ferry-source", command],
        { input: "" },
        lab.lab,
      );
      return { code, said: stdout + stderr };
    };
    const refused = {
      code: 126,
      said: "ferry: this key may only read a volume that is being moved\n",
    };
    const rsync = "rsync --server --sender -logDtpre.iLsfxCIvu";
    for (const command of [
      "cat /srv/other",
      "",
      "sh -c id",
      `${rsync} . /srv/other`,
      `${rsync} . volume-0/../other`,
      `${rsync} . volume-00/x`,
      `${rsync} . volume-7/`,
      `${rsync} --files-from=/etc/shadow . volume-0/`,
      `${rsync} --remove-source-files . volume-0/`,
      "rsync --server -logDtpre.iLsfxCIvu . volume-0/",
      "rsync --server --sender -slogDtpre.iLsfxCIvu . volume-0/",
      "rsync --server --sender -LlogDtpre.iLsfxCIvu . volume-0/",
      `${rsync} $(touch /tmp/ran) volume-0/`,
      `${rsync} . volume-0/;id`,
      "cut",
      "cut now",
      "facts-0",
      "list-0/../x",
      "everything-",
      "large-0",
      "sums-0",
      "watch-0",
      "entries-0",
      "blocks-0",
      "blocks-0/../1",
      "few-0",
      "few-0-1-1",
      "young-0",
      "young-0-1",
      "rest-0",
      "plain-",
      "plain-0/../1",
      "bytes-0",
      "bytes-0-",
      "bytes-0-1-2",
      "bytes--1",
      "large-",
      `${rsync} --files-from /etc/shadow --from0 . volume-0/`,
    ]) {
      expect({ command, ...(await asked(command)) }).toEqual(
        command.endsWith("volume-7/")
          ? expect.objectContaining({ code: 126 })
          : { command, ...refused },
      );
    }
    expect(await on("node1", "ls /tmp/ran 2>/dev/null || true")).toBe("");
    const forward = ["ssh", "-F", config, "-S", "none", "-W", "127.0.0.1:22", "ferry-source"];
    expect((await run("node2", forward, { input: "" }, lab.lab)).code).not.toBe(0);
    expect(await asked("probe")).toEqual({ code: 0, said: "" });
    await mover.cleanup();
  });

  test("is gone after, and so is everything with it", async () => {
    expect(await keys()).toBe(before);
    expect(await left()).toBe("");
    expect(await on("node1", `stat -c '%a %U' ${home}/.ssh/authorized_keys`)).toBe(`600 ${user}\n`);
  });

  test("that a broken move has left goes with the next move of that replica, and with no other's", async () => {
    const [first, second] = ["a/b/c/first/0", "a/b/c/second/0"];
    await hostDataMovers.open(routeOf(first));
    const other: DataMover = await hostDataMovers.open(routeOf(second));
    expect((await keys()).match(/ferry-move-/g)).toHaveLength(2);
    // The first copy of the other one may take days.
    await on("node1", "touch -d '3 days ago' /var/lib/ferry/moves/*");
    const again = await hostDataMovers.open(routeOf(first));
    expect((await keys()).match(/ferry-move-/g)).toHaveLength(2);
    await other.round({ final: false });
    await Promise.all([again.cleanup(), other.cleanup()]);
    expect(await keys()).toBe(before);
    expect(await left()).toBe("");
  });

  test("that a broken move has left can be cleared without another move, connections included", async () => {
    const broken = "a/b/c/broken/0";
    const mover = await hostDataMovers.open(routeOf(broken));
    await mover.round({ final: false });
    const connections = () => on("node2", "pgrep -fc 'ssh: /run/[f]erry-move-' || true");
    expect(await connections()).not.toBe("0\n");
    for (const host of [source, target]) await hostDataMovers.clear(host, broken);
    expect(await keys()).toBe(before);
    expect(await left()).toBe("");
    expect(await connections()).toBe("0\n");
  });

  test("is never used towards a host that shows another key", async () => {
    // Its address now leads somewhere else, as it might after somebody has taken it over.
    const posing = {
      ...source,
      connection: { ...source.connection, host: target.connection.host },
    };
    const mover = await hostDataMovers.open({ ...routeOf("a/b/c/d/0"), source: posing });
    expect(mover.way).toBe("relay");
    expect(reported.join()).toMatch(/does not reach host 'node1'/);
    await mover.cleanup();
    expect(await keys()).toBe(before);
  });
});

/** Of one folder that both hosts have. */
async function moverOf(name: string, folder: string, maxBandwidth?: number) {
  const { source, target } = await pairFor("root");
  return hostDataMovers.open({
    replica: `a/b/c/${name}/0`,
    source,
    target,
    paths: [{ name, source: folder, target: folder }],
    progress: lab.context.progress,
    label: `mv/${name}`,
    ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
  });
}

describe("what rsync alone would miss", () => {
  test("a file written again in the very tick in which it was read, with the same size and time", async () => {
    // A time ahead stands for a write while the round runs, however long the machine takes to begin
    // it.
    await on(
      "node1",
      "mkdir -p /srv/tick && cd /srv/tick && printf before | tee file > old && " +
        // What was made in the half second before the round counts as changed.
        "touch -d '1 minute' file && touch -d '-1 hour' old && sleep 1",
    );
    await on("node2", "mkdir -p /srv/tick");
    const mover = await moverOf("tick", "/srv/tick");
    await mover.round({ final: false });
    await on(
      "node1",
      "cd /srv/tick; touch -r file ../time; printf behind > file; touch -r ../time file",
    );
    await mover.distrustRecent();
    const { filesChanged } = await mover.round({ final: true });
    // Only what changed is looked into again.
    expect(filesChanged).toBe(1);
    expect(await on("node2", "cat /srv/tick/file")).toBe("behind");
    expect(await mover.compare({ content: true })).toEqual({ equal: true, differences: [] });
    await mover.cleanup();
  });

  test.each([
    [
      "a time that was put back",
      "echo old > f; touch -d @1000 f",
      "echo new > f; touch -d @1000 f",
    ],
    ["a time of 1, as Nix gives", "echo old > f; touch -d @1 f", "echo new > f; touch -d @1 f"],
    [
      "folders that were exchanged",
      "mkdir a b; echo 1 > a/f; echo 2 > b/f; touch -d @1000 */f",
      "mv a c; mv b a; mv c b",
    ],
    ["names that parted", "echo old > f; ln f g; ln f h", "cp f i; echo new > i; mv i g"],
    [
      "what was there before",
      "echo new > f; touch -d @1000 f",
      ":",
      "echo old > f; touch -d @1000 f",
    ],
    ["names that were there before", "echo 1 > f; echo 2 > g", ":", "echo 1 > f; ln f g"],
  ])("between two rounds: %s", async (_, make, change, before = ":") => {
    // On the file system of Docker's volumes, which keeps the time of every change.
    const folder = "/var/lib/docker/between";
    const anew = (script: string) => `rm -rf ${folder}; mkdir ${folder}; cd ${folder}; ${script}`;
    await on("node1", anew(make));
    await on("node2", anew(before));
    const mover = await moverOf("between", folder);
    await mover.round({ final: false });
    // Before the beginning of the last round, which is taken half a second earlier.
    await on("node1", `cd ${folder}; ${change}; sleep 1`);
    await mover.round({ final: false });
    await mover.distrustRecent();
    await mover.round({ final: true });
    expect(await mover.compare({ content: true })).toEqual({ equal: true, differences: [] });
    await mover.cleanup();
  });
});

describe("data that gets smaller by compression", () => {
  const FOLDER = "/srv/packed";
  const copied = async (make: string, maxBandwidth?: number) => {
    await on("node1", `rm -rf ${FOLDER}; mkdir -p ${FOLDER}; cd ${FOLDER}; ${make}`);
    await on("node2", `rm -rf ${FOLDER}; mkdir -p ${FOLDER}`);
    const mover = await moverOf("packed", FOLDER, maxBandwidth);
    try {
      const { bytesCopied } = await mover.round({ final: false });
      await on("node1", `cd ${FOLDER}; for file in *; do echo more >> $file; done`);
      await mover.round({ final: true });
      expect(await mover.compare({ content: true })).toEqual({ equal: true, differences: [] });
      return bytesCopied;
    } finally {
      await mover.cleanup();
      for (const host of ["node1", "node2"]) await on(host, `rm -rf ${FOLDER}`);
    }
  };
  const text = "for n in 1 2 3; do seq $((n * 1000000)) $((n * 1000000 + 900000)) > $n; done";
  const noise = "head -c 12M /dev/urandom > noise";
  const size = 3 * 900_001 * 8;

  test("is compressed where the link is slow, or made so", async () => {
    expect(await copied(text, 4e6)).toBeLessThan(size / 2);
  });

  test("goes as it is where the link is fast", async () => {
    expect(await copied(text)).toBeGreaterThan(size);
    expect(await copied(text, 500e6)).toBeGreaterThan(size);
  });

  test("and data that does not goes as it is on any link", async () => {
    expect(await copied(noise, 4e6)).toBeGreaterThan(12 * 2 ** 20);
  });
});
