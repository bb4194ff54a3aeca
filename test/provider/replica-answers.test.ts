import type { FakeFaults } from "../../provider/adapters/fakes/fake-state";
import type { Connection } from "../../provider/core/connection";
import { journalPath } from "../../provider/core/move/journal";
import type { HostDirectory } from "../../provider/core/adapter-ports";
import type { OnSourceLost } from "../../provider/core/replica/move-settings";
import { messageOf, onNode1, REPLICA } from "./replica-fixture";

const CHOICES: readonly OnSourceLost[] = ["useLastCopy", "startEmpty"];
const MENDED: FakeFaults = {
  ...{ down: false, refusesKey: false, otherHostKey: false, withoutDocker: false },
  ...{ refusesSudo: false, withoutSshd: false, tooBusy: false },
};

/** It ran on node2 for a while, which has a retired copy of it, and has been written to since. */
async function movedThereAndBack(...args: Parameters<typeof onNode1>) {
  const it = await onNode1(...args);
  const there = await it.handler.update(REPLICA, it.state, it.placed("node2"));
  const back = await it.handler.update(REPLICA, there, it.placed("node1"));
  it.write("node1", "after-the-last-move");
  const moving = (choice: OnSourceLost) =>
    messageOf(it.handler.update(REPLICA, back, it.placed("node2", { onSourceLost: choice })));
  return { ...it, back, moving };
}

/** As connections do that take from files what they do not say. */
const leadingTo = (hosts: HostDirectory, resolved: (asked: Connection) => Connection) => ({
  ...hosts,
  async open(...args: Parameters<HostDirectory["open"]>) {
    const host = await hosts.open(...args);
    return { ...host, connection: resolved(host.connection) };
  },
});

type Scene = Awaited<ReturnType<typeof movedThereAndBack>>;

/** Nothing was begun anywhere, and the newest data is where it was and served. */
function expectUntouched({ world, running, files }: Scene, before: unknown): void {
  expect(running()).toEqual(["node1"]);
  expect(Object.keys(files("node1") ?? {})).toContain("after-the-last-move");
  expect(world.host("node2")).toEqual(before);
}

describe.each(CHOICES)("a source that answers is never lost, whatever it answers: %s", (choice) => {
  test.each<[string, FakeFaults, RegExp]>([
    ["refuses our key", { refusesKey: true }, /it refused the key of user 'root'/],
    ["shows another host key", { otherHostKey: true }, /the host key is wrong/],
    ["has no Docker", { withoutDocker: true }, /Docker is not running/],
    ["has its sshd switched off", { withoutSshd: true }, /connection refused/],
    ["is too busy to let anybody in", { tooBusy: true }, /it answers, but there was no SSH log-in/],
  ])("%s", async (_title, faults, cause) => {
    const it = await movedThereAndBack();
    const before = it.world.host("node2");
    it.world.setFaults("node1", faults);
    const said = await it.moving(choice);
    it.world.setFaults("node1", MENDED);
    expect(said).toMatch(cause);
    expect(said).toContain("host 'node1'");
    expect(said).toContain("Nothing was changed");
    expectUntouched(it, before);
    // Once it is put right, the move that was wanted is made, with everything.
    expect(await it.moving(choice)).toBe("nothing was thrown");
    expect(it.running()).toEqual(["node2"]);
    expect(Object.keys(it.files("node2") ?? {})).toContain("after-the-last-move");
  });

  test.each([
    ["damaged", ""],
    ["of a newer Ferry", '{"version":99,"role":"home"}'],
  ])("has a journal that is %s", async (_title, text) => {
    const it = await movedThereAndBack();
    const before = it.world.host("node2");
    it.world.change(({ hosts }) => {
      const content = Buffer.from(text).toString("base64");
      hosts["node1"]!.files[journalPath(REPLICA)] = { content, mode: 0o600 };
    });
    expect(await it.moving(choice)).toMatch(/is not what this version of Ferry writes/);
    expectUntouched(it, before);
  });

  test.each(["docker.containers", "journals.read", "open"])("fails one single %s", async (call) => {
    const it = await movedThereAndBack();
    const before = it.world.host("node2");
    it.world.failNext("node1", { call, reason: "context deadline exceeded" });
    expect(await it.moving(choice)).toMatch(/context deadline exceeded/);
    expectUntouched(it, before);
  });

  test.each(["docker.containers", "journals.read"])(
    "one whose answer to %s is interrupted is asked again",
    async (call) => {
      const it = await movedThereAndBack();
      it.world.failNext("node1", { call, when: "after" });
      expect(await it.moving(choice)).toBe("nothing was thrown");
      expect(it.running()).toEqual(["node2"]);
      expect(Object.keys(it.files("node2") ?? {})).toContain("after-the-last-move");
    },
  );
});

describe("a source that is silent", () => {
  test("is passed over with its cause in the warning", async () => {
    const it = await movedThereAndBack();
    it.world.setFaults("node1", { down: true });
    expect(await it.moving("useLastCopy")).toBe("nothing was thrown");
    expect(it.warned.join("\n")).toMatch(
      /host 'node1'.*does not answer.*\(node1: it does not answer \(timed out\)\)/,
    );
  });

  test("is asked once more right before anything is done, and is no lost one when it is back", async () => {
    const it = await movedThereAndBack();
    it.world.failNext("node1", { call: "open", kind: "silent" });
    it.world.failNext("node1", { call: "open", kind: "silent" });
    expect(await it.moving("startEmpty")).toBe("nothing was thrown");
    expect(it.running()).toEqual(["node2"]);
    expect(Object.keys(it.files("node2") ?? {})).toContain("after-the-last-move");
  });

  test("and that answers with an error when it is asked once more refuses with that", async () => {
    const it = await movedThereAndBack();
    const before = it.world.host("node2");
    for (const kind of ["silent", "silent", "refused"] as const) {
      it.world.failNext("node1", { call: "open", kind, reason: "it is another host key now" });
    }
    expect(await it.moving("startEmpty")).toMatch(/another host key now/);
    expectUntouched(it, before);
  });

  test.each<[string, (asked: Connection) => Connection]>([
    ["", (asked) => asked],
    [", whose address stands in ssh's settings", (asked) => ({ ...asked, host: "192.0.2.7" })],
  ])("is not lost in a run that has held a lock on it%s", async (_title, resolved) => {
    const it = await movedThereAndBack(undefined, (tools) => ({
      ...tools,
      hosts: leadingTo(tools.hosts, resolved),
    }));
    const change = { healthTimeoutSeconds: 7 };
    const now = await it.sameRun.update(REPLICA, it.back, it.placed("node1", change));
    const before = it.world.host("node2");
    it.world.setFaults("node1", { down: true });
    const lost = it.placed("node2", { onSourceLost: "startEmpty" });
    expect(await messageOf(it.sameRun.update(REPLICA, now, lost))).toMatch(
      /host 'node1' does not answer any more, but did earlier in this run/,
    );
    it.world.setFaults("node1", MENDED);
    expectUntouched(it, before);
  });
});

test("a host that has nothing to do with it and answers with an error is told of as itself", async () => {
  const it = await onNode1();
  it.world.setFaults("node3", { withoutDocker: true });
  const change = it.placed("node1", { healthTimeoutSeconds: 7 });
  expect(await messageOf(it.handler.update(REPLICA, it.state, change))).toMatch(
    /Docker is not running on host 'node3'.*Nothing was changed/,
  );
});

test("a failed move is taken back whatever ails other hosts", async () => {
  const it = await onNode1();
  it.world.around = {
    after: (call, host) => {
      if (call === "docker.create" && host === "node2") {
        it.world.setFaults("node2", { withoutDocker: true });
        it.world.setFaults("node3", { refusesKey: true });
      }
    },
  };
  const said = await messageOf(it.handler.update(REPLICA, it.state, it.placed("node2")));
  expect(it.running()).toEqual(["node1"]);
  expect(said).toMatch(/It runs on host 'node1', with all its data/);
});

test("a refresh tells why a host could not be asked, and takes nothing for gone", async () => {
  const it = await onNode1();
  it.world.setFaults("node1", { withoutDocker: true });
  const found = await it.handler.read(REPLICA, it.state);
  expect(found?.outs).toMatchObject({ host: "node1", epoch: it.state.epoch });
  expect(it.warned.join("\n")).toMatch(/Docker is not running on host 'node1'/);
});
