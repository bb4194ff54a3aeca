import { mustRun } from "../../lab";
import { hostDataMovers } from "../../provider/adapters/volume/data-movers";
import type { CopyRoute, DataMover } from "../../provider/core/move/move-ports";
import { weaveLab } from "./weave-lab";

jest.setTimeout(180_000);

const lab = weaveLab("plain-copy", 2);
const on = (host: string, command: string) => mustRun(host, command, lab.lab);
const FOLDER = "/srv/large";

/**
 * Names with newlines and quotes, in folders of other owners and modes; one file with a hole, one
 * with two names.
 */
const MAKE = `
mkdir -p deep/er && chmod 710 deep && chown 7:8 deep
head -c 40M /dev/urandom > "deep/er/it's \"odd\"
"
chmod 4750 deep/er/it* && chown 33:44 deep/er/it*
head -c 40M /dev/urandom > log
head -c 40M /dev/urandom > one && ln one two
truncate -s 64M holes && echo end >> holes
echo small > small && ln -s log link
`;

describe.each(["root", "ferry"])("large files of a first copy as user %s", (user) => {
  let mover: DataMover;

  const open = async (more: Partial<CopyRoute> = {}) => {
    const host = (name: string) => lab.context.hosts.open(name, { ...lab.connection(name), user });
    mover = await hostDataMovers.open({
      replica: "a/b/c/large/0",
      source: await host("node1"),
      target: await host("node2"),
      paths: [{ name: "large", source: FOLDER, target: FOLDER }],
      progress: lab.context.progress,
      label: "mv/large",
      ...more,
    });
  };

  beforeEach(async () => {
    await on("node1", `rm -rf ${FOLDER}; mkdir -p ${FOLDER}; cd ${FOLDER}; ${MAKE}`);
    await on("node2", `rm -rf ${FOLDER}; mkdir -p ${FOLDER}`);
  });
  afterEach(() => mover.cleanup());

  const equal = async () =>
    expect(await mover.compare({ content: true })).toEqual({ equal: true, differences: [] });

  test.each([false, true])("both sides are equal after one round, final: %s", async (final) => {
    await open();
    const { bytesCopied, filesChanged } = await mover.round({ final });
    await equal();
    expect(bytesCopied).toBeGreaterThan(120 * 2 ** 20);
    expect(filesChanged).toBeGreaterThanOrEqual(5);
    expect(Number(await on("node2", `stat -c %b ${FOLDER}/holes`))).toBeLessThan(1000);
  });

  test("many small files come in streams of their own, while some of them change and vanish", async () => {
    await on(
      "node1",
      `mkdir ${FOLDER}/many; cd ${FOLDER}/many; seq 5000 | split -l 1 -a 4 - f; chmod 4711 faaaa; chown 5:6 faaab; setfattr -n user.a -v b faaac`,
    );
    await open();
    const changing = on(
      "node1",
      `cd ${FOLDER}/many; for n in $(seq 100); do mv fab$((n % 10))* .. 2>/dev/null; echo $n >> faaa$(printf %b "\\\\$(printf %o $((97 + n % 26)))"); rm -f fb*; echo new > n$n; sleep 0.01; done`,
    );
    const { filesChanged } = await mover.round({ final: false });
    await changing;
    await mover.round({ final: false });
    await mover.distrustRecent();
    await mover.round({ final: true });
    await equal();
    expect(filesChanged).toBeGreaterThan(4000);
    expect(await on("node2", "cat /run/ferry-move-*/few-stats-2")).toMatch(/^Number of files: 2/);
  });

  test("a file that is appended to meanwhile is equal after the next round", async () => {
    await open();
    const growing = on(
      "node1",
      `cd ${FOLDER}; for n in $(seq 200); do echo $n >> log; sleep 0.01; done`,
    );
    await mover.round({ final: false });
    await growing;
    await mover.distrustRecent();
    await mover.round({ final: true });
    await equal();
  });

  test("what was rewritten in the very tick in which it was copied is equal after the next round", async () => {
    await open();
    await on("node1", `echo small > ${FOLDER}/small`);
    await mover.round({ final: false });
    // To whoever looks at size and time, nothing has happened.
    await on(
      "node1",
      `cd ${FOLDER}; touch -r small /run/when; printf SMALL 1<> small; touch -r /run/when small`,
    );
    await mover.round({ final: false });
    expect(await on("node2", `cat ${FOLDER}/small`)).toBe("SMALL\n");
  });

  test("a round goes on when the connection between the hosts is lost", async () => {
    const warned: string[] = [];
    const progress = { ...lab.context.progress, warn: (said: string) => void warned.push(said) };
    await open({ maxBandwidth: 40e6, progress });
    const round = mover.round({ final: false });
    await on(
      "node2",
      `until grep -q . ${FOLDER}/log 2>/dev/null; do sleep 0.1; done; ` +
        "kill $(ssh -F /run/ferry-move-*/config -O check ferry-source 2>&1 | tr -dc 0-9)",
    );
    await round;
    expect(warned).toEqual([expect.stringMatching(/was lost while volume 'large' was copied/)]);
    await mover.round({ final: true });
    await equal();
  });

  test("sockets and devices are not copied, and leave no trace", async () => {
    const bind = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
    await on(
      "node1",
      `cd ${FOLDER}; mkfifo pipe; mknod null c 1 3; for at in sock deep/sock; do python3 -c '${bind}' $at; done`,
    );
    await open();
    for (const final of [false, true]) {
      await mover.round({ final });
      await equal();
    }
    expect(await on("node2", `find ${FOLDER} -type p -o -type s -o -type c`)).toBe(
      `${FOLDER}/pipe\n`,
    );
  });

  test("what a broken copy has left, with the right size and time, is looked into", async () => {
    await on("node1", `touch -d @1000000000 ${FOLDER}/log`);
    await on("node2", `cd ${FOLDER}; truncate -s 40M log; touch -d @1000000000 log`);
    await open({ resumed: true });
    await mover.round({ final: true });
    await equal();
  });
});
