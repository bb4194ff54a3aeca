import { journalPath, recordPath } from "../../provider/core/move/journal";
import { onNode1, REPLICA } from "./replica-fixture";

const HOME = { replica: REPLICA, role: "home", epoch: 1, volumes: ["apples_data"] };

test.each([
  ["of the first version", recordPath(REPLICA), { version: 1, ...HOME }],
  [
    "with more in it than this version knows",
    journalPath(REPLICA),
    { version: 2, ...HOME, more: 1 },
  ],
])("a replica moves away from a host whose journal is %s", async (_what, path, entry) => {
  const it = await onNode1();
  it.world.change(({ hosts }) => {
    const content = Buffer.from(JSON.stringify(entry)).toString("base64");
    hosts["node1"]!.files[path] = { content, mode: 0o600 };
  });
  const outs = await it.handler.update(REPLICA, it.state, it.placed("node2"));
  expect(outs).toMatchObject({ host: "node2", epoch: 2 });
  expect(it.running()).toEqual(["node2"]);
  expect(Object.keys(it.files("node2") ?? {})).toEqual(["mark"]);
});
