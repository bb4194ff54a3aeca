import { dockerDriver } from "../../provider/adapters/volume/drivers/docker-driver";
import { hostDriver } from "../../provider/adapters/volume/drivers/host-driver";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { VolumeDrivers } from "../../provider/core/volume/driver";
import { volumeHandler } from "../../provider/handlers/volume";
import { directoryDriver } from "./directory-driver";
import { fakeReplica, IMAGE, journal, program } from "./replica-fixture";

/** What a second driver needs: the file directory-driver.ts, and this row. */
const drivers = new VolumeDrivers([hostDriver, directoryDriver], dockerDriver);

const DIRECTORY = { driver: "directory", driverOptions: { path: "/srv/shop" }, external: false };
const pictures = { id: "shop/prod/apples/pictures", name: "apples_pictures", ...DIRECTORY };
const spec = {
  image: IMAGE,
  mounts: [
    { type: "volume" as const, volume: "data", target: "/data" },
    { type: "volume" as const, volume: "pictures", target: "/pictures" },
  ],
};
const { volumes } = program("node1");
const both = { spec, volumes: { ...volumes, pictures } };

function withDirectories() {
  const copied: string[] = [];
  const it = fakeReplica(undefined, (tools) => ({
    ...tools,
    drivers,
    movers: {
      ...tools.movers,
      open: (route) => {
        copied.push(...route.paths.map(({ name }) => name));
        return tools.movers.open(route);
      },
    },
  }));
  const volumeOn = (host: string) =>
    it.world.host(host).volumes.find(({ name }) => name === "apples_pictures");
  const statusOn = (host: string) =>
    it.world.host(host).containers.map(({ name, status }) => `${name} ${status}`);
  return { ...it, copied, volumeOn, statusOn };
}

describe("a second driver, whose data every host reaches", () => {
  test("a move makes its volume on the target, and copies nothing of it", async () => {
    const { handler, placed, copied, volumeOn, world, running } = withDirectories();
    const { outs } = await handler.create(placed("node1", both));
    const moved = await handler.update("id", outs, placed("node2", both));
    expect(running()).toEqual(["node2"]);
    expect(copied).toEqual(["apples_data"]);
    expect(volumeOn("node2")).toMatchObject({
      options: { type: "none", o: "bind", device: "/srv/shop" },
      labels: { "pulumi-ferry.volume": pictures.id },
    });
    expect(journal(world, "node1")).toMatchObject({ role: "retired", volumes: ["apples_data"] });
    // The way back finds its volume there, and takes it for no older copy.
    await handler.update("id", moved, placed("node1", both));
    expect(running()).toEqual(["node1"]);
  });

  test("who shares it stays where he is when another one moves", async () => {
    const { handler, placed, statusOn } = withDirectories();
    const { outs } = await handler.create(placed("node1", both));
    const only = { spec: { ...spec, mounts: spec.mounts.slice(1) }, volumes: { pictures } };
    await handler.create(placed("node1", { ...only, service: "web", ip: "10.40.0.3" }));
    await handler.update("id", outs, placed("node2", both));
    expect(statusOn("node1")).toEqual(["apples-web-0 running"]);
    expect(statusOn("node2")).toEqual(["apples-redis-0 running"]);
  });

  test("a replica with nothing but that may be on any host at once", async () => {
    const { handler, placed, running } = withDirectories();
    const only = { spec: { ...spec, mounts: spec.mounts.slice(1) }, volumes: { pictures } };
    await handler.create(placed("node1", only));
    await handler.create(placed("node2", { ...only, index: 1, ip: "10.40.0.3" }));
    expect(running()).toEqual(["node1", "node2"]);
  });

  test("a preview says of each volume what its driver does", () => {
    const { handler, placed, reported } = withDirectories();
    const old = placed("node1", both);
    handler.check(old, { ...program("node2", both) });
    expect(reported.at(-1)).toContain(
      "copies apples_data while it runs, then stops it for the last difference; " +
        "stops it, and every host has the directory of apples_pictures",
    );
  });

  test("where its data is, is kept only of what is not on one host", () => {
    const { placed } = withDirectories();
    const { data, pictures: kept } = placed("node1", both).volumes;
    expect(kept).toEqual({ ...pictures, scope: "shared" });
    expect(data).toEqual(volumes["data"]);
  });

  test("the volume's own resource: options, users on several hosts, deletion", async () => {
    const { world, handler, placed, volumeOn } = withDirectories();
    const progress = { info: () => undefined, warn: () => undefined };
    const volume = volumeHandler({ hosts: fakeHostDirectory(world), progress }, drivers);
    const { project, stack, deployment, connections } = program("node1");
    const news = {
      ...{ project, stack, deployment, key: "pictures", name: pictures.name, ...DIRECTORY },
      ...{ deleteData: true, connections, users: { "web-0": "node1", "web-1": "node2" } },
    };
    const { inputs, problems } = volume.check({}, news);
    expect(problems).toEqual([]);
    expect(volume.check({}, { ...news, driverOptions: {} }).problems).toEqual([
      {
        property: "driverOptions",
        reason: "volume 'pictures' needs the option `path`, from `/` on",
      },
    ]);
    expect(volume.check({}, { ...news, driver: "local" }).problems[0]?.reason).toMatch(
      /lives on one host/,
    );
    expect(volume.check({}, { ...news, driver: "no driver" }).problems[0]?.reason).toMatch(
      /wants driver 'no driver', which is no driver's name/,
    );
    const { outs } = await volume.create(inputs);
    const replica = await handler.create(placed("node1", both));
    await handler.delete(replica.id, replica.outs);
    expect(volumeOn("node1")).toBeDefined();
    await volume.delete("id", outs);
    expect(volumeOn("node1")).toBeUndefined();
  });
});
