import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { OnSourceLost } from "../../provider/core/replica/move-settings";
import { fakeReplica, HOSTS, IMAGE, messageOf, program, REPLICA } from "./replica-fixture";

const { connections } = program("node1");
const without = (name: string) =>
  Object.fromEntries(Object.entries(connections).filter(([each]) => each !== name));

/** It has moved to node3 and been written to there, but state was not saved, and knows no node3. */
async function movedUnknownToState() {
  const it = fakeReplica(
    FakeWorld.open()
      .addHosts(...HOSTS)
      .addImage(IMAGE, ...HOSTS),
  );
  const before = it.placed("node1", { connections: without("node3") });
  const { outs: state } = await it.handler.create(before);
  it.write("node1", "mark");
  await it.handler.update(REPLICA, state, it.placed("node3"));
  it.write("node3", "after-the-move");
  const update = (onSourceLost: OnSourceLost, hosts = without("node3")) =>
    messageOf(
      it.handler.update(
        REPLICA,
        state,
        it.placed("node1", { connections: hosts, onSourceLost, suggestedHost: "node1" }),
      ),
    );
  return { ...it, update };
}

describe.each<OnSourceLost>(["useLastCopy", "startEmpty"])(
  "a host that the program has no way to was not asked, and so is not lost: %s",
  (choice) => {
    test("the replica on it serves on, and the message says what to do", async () => {
      const it = await movedUnknownToState();
      const said = await it.update(choice);
      expect(said).toContain("host 'node3'");
      expect(said).toContain("is none of the program's hosts");
      expect(it.running()).toEqual(["node3"]);
      expect(it.world.host("node1").containers).toEqual([]);
      // Put back, it comes home with everything.
      expect(await it.update(choice, connections)).toBe("nothing was thrown");
      expect(it.running()).toEqual(["node1"]);
      expect(Object.keys(it.files("node1") ?? {}).sort()).toEqual(["after-the-move", "mark"]);
    });

    test("nor while another host is silent", async () => {
      const it = await movedUnknownToState();
      it.world.setFaults("node2", { down: true });
      await it.update(choice);
      expect(it.running()).toEqual(["node3"]);
      expect(it.world.host("node1").containers).toEqual([]);
    });

    test("once it is asked and silent, the user's word counts", async () => {
      const it = await movedUnknownToState();
      it.world.setFaults("node3", { down: true });
      expect(await it.update(choice, connections)).toBe("nothing was thrown");
      expect(it.running()).toContain("node1");
    });
  },
);
