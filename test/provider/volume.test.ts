import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { volumeHandler } from "../../provider/handlers/volume";

const NAME = "apples_data";
const ID = "shop/prod/apples/data";
const connections = { node1: { host: "n1", hostKey: "k" }, node2: { host: "n2", hostKey: "k" } };

function fakeVolume(change = {}) {
  const world = FakeWorld.open().addHosts("node1", "node2");
  const reported: string[] = [];
  const progress = {
    info: (message: string) => void reported.push(message),
    warn: () => undefined,
  };
  const handler = volumeHandler({ hosts: fakeHostDirectory(world), progress });
  const news = {
    ...{ project: "shop", stack: "prod", deployment: "apples", key: "data", name: NAME },
    ...{ driver: "local", driverOptions: {}, external: false, deleteData: false, connections },
    ...change,
  };
  const { inputs } = handler.check({}, news);
  const put = (host: string, labels: Record<string, string>) =>
    world.change(({ hosts }) =>
      hosts[host]!.volumes.push({
        name: NAME,
        driver: "local",
        mountpoint: "/v",
        options: {},
        labels,
        files: {},
      }),
    );
  const holders = () => ["node1", "node2"].filter((host) => world.host(host).volumes.length > 0);
  return { world, handler, inputs, reported, put, holders };
}
const ours = { "pulumi-ferry.volume": ID };

test("making it makes nothing on any host", async () => {
  const { handler, inputs, holders } = fakeVolume();
  expect(await handler.create(inputs)).toEqual({ id: ID, outs: inputs });
  expect(holders()).toEqual([]);
});

test("data that an earlier deletion has kept is used again, and told", async () => {
  const { handler, inputs, reported, put } = fakeVolume();
  put("node2", ours);
  await handler.create(inputs);
  expect(reported).toEqual([
    "volume 'data': its data from before is on node2 (Docker volume 'apples_data') and is used again",
  ]);
});

test.each<[string, Record<string, string>, string]>([
  ["nobody's", {}, "Ferry did not make it"],
  [
    "another deployment's",
    { "pulumi-ferry.volume": "x/y/z/data" },
    "it belongs to volume 'x/y/z/data'",
  ],
])("%s volume of that name is never taken over silently", async (_name, labels, words) => {
  const { handler, inputs, put } = fakeVolume();
  put("node1", labels);
  await expect(handler.create(inputs)).rejects.toThrow(
    `making volume 'data' failed on host 'node1': Docker volume 'apples_data' is there already and ${words}.`,
  );
});

test("an external one must be there, and stays", async () => {
  const { handler, inputs, put, holders } = fakeVolume({ external: true, deleteData: true });
  await expect(handler.create(inputs)).rejects.toThrow(
    /external, but no host has a Docker volume 'apples_data'/,
  );
  put("node1", {});
  const { outs } = await handler.create(inputs);
  await handler.delete(ID, outs);
  expect(holders()).toEqual(["node1"]);
});

test("deleting keeps the data, and says where it is", async () => {
  const { handler, inputs, reported, put, holders } = fakeVolume();
  put("node2", ours);
  await handler.delete(ID, inputs);
  expect(holders()).toEqual(["node2"]);
  expect(reported).toEqual([
    "volume 'data': its data stays on node2, as Docker volume 'apples_data'",
  ]);
});

test("deleteData removes it from every host, and only what is Ferry's", async () => {
  const { handler, inputs, put, holders } = fakeVolume({ deleteData: true });
  put("node1", ours);
  put("node2", {});
  await handler.delete(ID, inputs);
  expect(holders()).toEqual(["node2"]);
  await handler.delete(ID, inputs);
});

test("data on a host that does not answer is not said to be deleted", async () => {
  const { world, handler, inputs, put, holders } = fakeVolume({ deleteData: true });
  put("node1", ours);
  world.setFaults("node2", { down: true });
  await expect(handler.delete(ID, inputs)).rejects.toThrow(
    /^deleting the data of volume 'data' failed on host 'node2': .* It is deleted on every host that could be asked\./,
  );
  expect(holders()).toEqual([]);
});

describe("one that is taken over", () => {
  const adopt = { name: "shop_data", adopt: NAME };

  test("keeps its name and is nobody's to make, whatever the program says of it since", () => {
    const { handler, inputs } = fakeVolume(adopt);
    expect(inputs).toMatchObject({ name: NAME, external: true, adopted: true });
    for (const said of [{}, { adopt: undefined }, { adopt: "other_data" }]) {
      const news = { ...inputs, connections, external: false, ...adopt, ...said };
      expect(handler.check(inputs, news)).toEqual({ inputs, problems: [] });
    }
  });

  test("is not what Ferry's own becomes, when the program says it later", () => {
    const { handler, inputs } = fakeVolume();
    const { inputs: again } = handler.check(inputs, {
      ...inputs,
      connections,
      adopt: "other_data",
    });
    expect(again).toEqual(inputs);
  });

  test("has to be there, and to be nobody's whom Ferry knows", async () => {
    const { handler, inputs, put } = fakeVolume(adopt);
    await expect(handler.create(inputs)).rejects.toThrow(
      "no host has a Docker volume 'apples_data', so that it would start empty",
    );
    put("node1", { "com.docker.compose.project": "myapp" });
    expect((await handler.create(inputs)).outs).toEqual(inputs);
    put("node2", { "pulumi-ferry.volume": "x/y/z/data" });
    await expect(handler.create(inputs)).rejects.toThrow("it belongs to volume 'x/y/z/data'");
  });

  test("is not deleted with its resource", async () => {
    const { handler, inputs, put, holders } = fakeVolume({ ...adopt, deleteData: true });
    put("node1", {});
    const { outs } = await handler.create(inputs);
    await handler.delete(ID, outs);
    expect(holders()).toEqual(["node1"]);
  });
});
