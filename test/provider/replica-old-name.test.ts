import type { ReplicaInputs } from "../../provider/core/replica/model";
import { messageOf, onNode1, program, REPLICA } from "./replica-fixture";

test("a new deployment by the old name of another one does not use that one's volume", async () => {
  const it = await onNode1();
  const volume = program("node1").volumes["data"]!;
  const renamed: Partial<ReplicaInputs> = {
    deployment: "pears",
    formerly: "shop/prod/apples",
    volumes: {
      data: { ...volume, id: "shop/prod/pears/data", formerly: ["shop/prod/apples/data"] },
    },
  };
  await it.handler.update(REPLICA, it.state, it.placed("node1", renamed));
  const said = await messageOf(it.handler.create(it.placed("node1", { ip: "10.40.0.9" })));
  expect(said).toContain(
    "container 'pears-redis-0' of another deployment uses Docker volume 'apples_data'",
  );
  expect(it.world.host("node1").containers.map(({ name }) => name)).toEqual(["pears-redis-0"]);
});
