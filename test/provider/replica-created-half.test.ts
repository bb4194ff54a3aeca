import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, messageOf, program, REPLICA } from "./replica-fixture";

describe("a first container", () => {
  test("that runs well is not taken back for its restart policy: clients may have written already", async () => {
    const it = fakeReplica();
    const { world } = it;
    let written = false;
    world.around = {
      before: (call) => {
        if (call !== "docker.setRestartPolicy" || written) return;
        written = true;
        it.write("node1", "mark");
        world.failNext("node1", { call: "docker.setRestartPolicy" });
      },
      after: () => undefined,
    };
    const error: unknown = await it.handler
      .create(it.placed("node1"))
      .catch((each: unknown) => each);
    expect(written).toBe(true);
    expect(Object.keys(it.files("node1") ?? {})).toEqual(["mark"]);
    expect(it.running()).toEqual(["node1"]);
    if (!(error instanceof PartialStateError)) throw error;
    expect(error.message).toMatch(
      /^apples\/redis runs on host 'node1'.*The next `pulumi up` does it/,
    );

    const outs = await it.handler.update(REPLICA, error.outs as never, it.placed("node1"));
    expect(it.world.host("node1").containers[0]).toMatchObject({ restart: { name: "always" } });
    expect(outs.containerId).toBe(it.world.host("node1").containers[0]?.id);
  });

  test("whose second volume cannot be made leaves none of the first, as it says", async () => {
    const it = fakeReplica();
    const { data } = program("node1").volumes;
    const volumes = {
      data: data!,
      more: { ...data!, id: "shop/prod/apples/more", name: "apples_more" },
    };
    it.world.change(({ hosts }) => {
      hosts["node1"]!.volumes.push({
        ...{ name: "apples_more", driver: "local", options: {}, labels: {}, files: {} },
        mountpoint: "/var/lib/docker/volumes/apples_more/_data",
      });
    });
    expect(await messageOf(it.handler.create(it.placed("node1", { volumes })))).toContain(
      "What had been made for it there was removed",
    );
    expect(it.world.host("node1").volumes.map(({ name }) => name)).toEqual(["apples_more"]);
  });
});
