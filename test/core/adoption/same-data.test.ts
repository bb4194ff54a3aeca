import fc from "fast-check";
import type { ContainerState } from "../../../provider/core/adapter-ports";
import { dataProblems } from "../../../provider/core/adoption/same-data";
import { samePlace } from "../../../provider/core/adoption/same-place";
import type { Mount } from "../../../provider/core/container-spec";
import { network } from "../../../provider/core/network";
import { folderOptions } from "../../../provider/core/volume/folder";
import type { ReplicaVolume } from "../../../provider/core/replica/model";

type Had = ContainerState["mounts"][number];

interface Place {
  readonly name: string;
  readonly bind: boolean;
}

const places = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), bind: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 6,
    selector: ({ name }) => name,
  },
);

const had = ({ name, bind }: Place): Had =>
  bind
    ? { source: `/srv/${name}`, target: `/${name}` }
    : {
        volume: `my_${name}`,
        source: `/var/lib/docker/volumes/my_${name}/_data`,
        target: `/${name}`,
      };

const wanted = ({ name, bind }: Place): Mount =>
  bind
    ? { type: "bind", source: `/srv/${name}/`, target: `/${name}` }
    : { type: "volume", volume: name, target: `/${name}/` };

const volumesOf = (all: readonly Place[]): Record<string, ReplicaVolume> =>
  Object.fromEntries(
    all.map(({ name }) => [
      name,
      { id: name, name: `my_${name}`, driver: "local", driverOptions: {}, external: true },
    ]),
  );

const problems = (
  mounts: readonly Had[],
  spec: readonly Mount[],
  all: readonly Place[],
  environment: readonly string[] = [],
) =>
  dataProblems(
    { mounts, environment },
    { spec: { image: "i", mounts: spec }, volumes: volumesOf(all) },
  );

test("what mounts the same everywhere finds its data", () => {
  fc.assert(
    fc.property(places, (all) => {
      expect(problems(all.map(had), all.map(wanted), all)).toEqual([]);
    }),
  );
});

test("one path that is missing, new, or has something else is told, and no other", () => {
  fc.assert(
    fc.property(
      places,
      fc.nat(),
      fc.constantFrom("gone", "new", "other", "memory"),
      (all, n, how) => {
        const at = n % all.length;
        const place = all[at]!;
        const theirs = all.map(had).filter((_each, i) => how !== "new" || i !== at);
        const ours = all.map(wanted).flatMap((mount, i): Mount[] => {
          if (i !== at || how === "new") return [mount];
          if (how === "gone") return [];
          if (how === "memory") return [{ type: "tmpfs", target: mount.target }];
          return [{ type: "bind", source: "/elsewhere", target: mount.target }];
        });
        const found = problems(theirs, ours, all);
        expect(found).toHaveLength(1);
        expect(found[0]).toContain(`'/${place.name}'`);
      },
    ),
  );
});

test("what is only read, or is memory, is nobody's data", () => {
  const read: Had = { source: "/etc/app.conf", target: "/app.conf", readOnly: true };
  const memory: Had = { source: "", target: "/run" };
  expect(problems([read, memory], [], [])).toEqual([]);
  const conf: Mount = { type: "bind", source: "/etc/other", target: "/other", readOnly: true };
  expect(problems([], [conf, { type: "tmpfs", target: "/tmp" }], [])).toEqual([]);
  expect(problems([read], [{ ...conf, target: "/app.conf", readOnly: false }], [])).toHaveLength(1);
});

test("what the network mounts in a container of its own is none of the program's", () => {
  const own: Had = { source: "/var/lib/net", target: network.mountpoint };
  expect(problems([own], [], [], [`${network.variable}=10.32.0.1/12`])).toEqual([]);
  expect(problems([own], [], [])).toHaveLength(1);
});

describe("a container that is plainly the same thing", () => {
  const place = { name: "data", bind: false };
  const running = (of: Partial<ContainerState> = {}): ContainerState =>
    ({ status: "running", labels: {}, mounts: [had(place)], ...of }) as ContainerState;
  const replica = { spec: { image: "i", mounts: [wanted(place)] }, volumes: volumesOf([place]) };
  const found = (of: Partial<ContainerState>, service = "db") =>
    samePlace([running(of)], {
      ...replica,
      spec: { image: "i", mounts: [{ ...wanted(place), target: "/data" }] },
      service,
    });

  test("runs with its volume at its path", () => {
    expect(found({})).toBeDefined();
    expect(found({ status: "exited" })).toBeUndefined();
    expect(found({ labels: { "pulumi-ferry.replica": "x" } })).toBeUndefined();
    expect(found({ mounts: [{ ...had(place), target: "/elsewhere" }] })).toBeUndefined();
  });

  test("or with its folder, as the service of that name", () => {
    const folder: Had = { source: "/srv/data", target: "/data" };
    const mounts: Mount[] = [{ type: "bind", source: "/srv/data", target: "/data" }];
    const of = { volumes: {}, service: "db", spec: { image: "i", mounts } };
    const compose = (service: string) =>
      running({ mounts: [folder], labels: { "com.docker.compose.service": service } });
    expect(samePlace([compose("web")], of)).toBeUndefined();
    expect(samePlace([compose("db")], of)).toBeDefined();
  });
});

test("a folder that is data is found by its path, where the container has that very folder", () => {
  const volumes: Record<string, ReplicaVolume> = {
    app: {
      ...{ id: "app", name: "shop_app", driver: "folder", external: false },
      driverOptions: folderOptions("/srv/app"),
    },
  };
  const mounts: Mount[] = [{ type: "volume", volume: "app", target: "/data" }];
  const found = (source: string) => [{ source, target: "/data" }];
  const said = (source: string) =>
    dataProblems(
      { mounts: found(source), environment: [] },
      { spec: { image: "i", mounts }, volumes },
    );
  expect(said("/srv/app")).toEqual([]);
  expect(said("/srv/other")).toEqual([
    "the container has folder '/srv/other' at '/data', and the program mounts folder '/srv/app' there",
  ]);
  const container = {
    ...{ status: "running", labels: { "com.docker.compose.service": "web" } },
    mounts: found("/srv/app"),
  } as unknown as ContainerState;
  const place = { spec: { image: "i", mounts }, volumes, service: "web" };
  expect(samePlace([container], place)).toBe(container);
  expect(samePlace([container], { ...place, service: "other" })).toBeUndefined();
});
