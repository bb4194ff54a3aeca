import { LABELS } from "../../provider/core/identity";
import { folderOptions } from "../../provider/core/volume/folder";
import { foldersOf } from "../../provider/adapters/fakes/fake-folders";
import { fakeReplica, IMAGE, program } from "./replica-fixture";

/** A replica whose data is a folder of its host. */

const FOLDER = "/srv/app";
const ID = "shop/prod/apples/app";
const own = {
  spec: {
    image: IMAGE,
    mounts: [{ type: "volume" as const, volume: "app", target: "/data" }],
    restart: { name: "always" as const },
  },
  volumes: {
    app: {
      ...{ id: ID, name: "apples_app", driver: "folder", external: false },
      driverOptions: folderOptions(FOLDER),
    },
  },
};
const file = (text: string) => ({ content: Buffer.from(text).toString("base64"), mode: 0o644 });

function withFolder() {
  const it = fakeReplica();
  const names = (host: string) => Object.keys(foldersOf(it.world.host(host))[FOLDER] ?? {});
  const put = (host: string, name: string, folder = FOLDER) =>
    it.world.change(({ hosts }) => {
      const folders = foldersOf(hosts[host]!);
      (folders[folder] ??= {})[name] = file(name);
    });
  const isThere = (host: string) => FOLDER in foldersOf(it.world.host(host));
  const before = (host: string) => it.world.host(host).volumes[0]?.labels[LABELS.folder];
  return { ...it, names, put, isThere, before };
}

test("what is in the folder is its data, and a move has it at the same path", async () => {
  const { handler, placed, names, put, running, before } = withFolder();
  put("node1", "old");
  const { outs } = await handler.create(placed("node1", own));
  put("node1", "new");
  const moved = await handler.update("id", outs, placed("node2", own));
  expect(running()).toEqual(["node2"]);
  expect(names("node2")).toEqual(["old", "new"]);
  expect(names("node1")).toEqual(["old", "new"]);
  expect([before("node1"), before("node2")]).toEqual(["found", "made"]);
  put("node2", "newer");
  await handler.update("id", moved, placed("node1", own));
  expect(names("node1")).toEqual(["old", "new", "newer"]);
});

test("it is copied onto nothing that Ferry did not put there", async () => {
  const { handler, placed, names, put, running } = withFolder();
  const { outs } = await handler.create(placed("node1", own));
  put("node1", "ours");
  put("node2", "theirs");
  await expect(handler.update("id", outs, placed("node2", own))).rejects.toThrow(
    /folder '\/srv\/app' on host 'node2' has something in it/,
  );
  expect(names("node2")).toEqual(["theirs"]);
  expect(running()).toEqual(["node1"]);
});

test("nor onto its own older copy where somebody has changed that since", async () => {
  const { handler, placed, names, put, world, running } = withFolder();
  const { outs } = await handler.create(placed("node1", own));
  const moved = await handler.update("id", outs, placed("node2", own));
  put("node1", "mine");
  world.change(({ hosts }) => (hosts["node1"]!.extra["changed"] = { [FOLDER]: "mine" }));
  await expect(handler.update("id", moved, placed("node1", own))).rejects.toThrow(/was changed/);
  expect(names("node1")).toEqual(["mine"]);
  expect(running()).toEqual(["node2"]);
});

test("a move that is taken back leaves no folder where none was", async () => {
  const { handler, placed, isThere, world, running } = withFolder();
  const { outs } = await handler.create(placed("node1", own));
  world.failNext("node2", { call: "mover.round" });
  await expect(handler.update("id", outs, placed("node2", own))).rejects.toThrow();
  expect(isThere("node2")).toBe(false);
  expect(running()).toEqual(["node1"]);
});

test("a container that has the folder itself is not moved without it", async () => {
  const { handler, placed, running } = withFolder();
  const bound = {
    spec: { ...own.spec, mounts: [{ type: "bind" as const, source: FOLDER, target: "/data" }] },
    volumes: {},
  };
  const { outs } = await handler.create(placed("node1", bound));
  await expect(handler.update("id", outs, placed("node2", own))).rejects.toThrow(/not yet as/);
  const changed = await handler.update("id", outs, placed("node1", own));
  await handler.update("id", changed, placed("node2", own));
  expect(running()).toEqual(["node2"]);
});

test("nor is one whose folder another container writes to", async () => {
  const { handler, placed, running } = withFolder();
  const { outs } = await handler.create(placed("node1", own));
  const bound = {
    spec: { ...own.spec, mounts: [{ type: "bind" as const, source: "/srv", target: "/srv" }] },
    volumes: {},
  };
  await handler.create(placed("node1", { ...bound, service: "other", ip: "10.40.0.9" }));
  await expect(handler.update("id", outs, placed("node2", own))).rejects.toThrow(
    /may write to folder '\/srv\/app' as well/,
  );
  expect(running()).toEqual(["node1"]);
});

test("what was found stays when the replica goes, and what was made goes with its copy", async () => {
  const { handler, placed, names, put, isThere } = withFolder();
  put("node1", "old");
  const { outs } = await handler.create(placed("node1", own));
  const there = await handler.update("id", outs, placed("node2", own));
  const back = await handler.update("id", there, placed("node1", own));
  await handler.delete("id", back);
  expect(names("node1")).toEqual(["old"]);
  expect(isThere("node2")).toBe(false);
});

test("a preview says which folder goes where", () => {
  const { handler, placed, reported } = withFolder();
  const old = placed("node1", own);
  handler.check(old, { ...program("node2", own) });
  expect(reported.join("\n")).toContain("copies folder '/srv/app' to the same path");
});
