import { expectMesh, targetsByHost } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, up } from "../../../lab/weave/runs";
import { example } from "./programs";

interface Expected {
  readonly hosts: readonly string[];
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** What each router was told about dividing the range, by host. */
  readonly init: Readonly<Record<string, RegExp>>;
}

const three = ["node1", "node2", "node3"];
const elector = (count: number) => new RegExp(`^consensus=${count}$`);
const observer = /^observer$/;
const seed = /^seed=[0-9a-f:]{17},[0-9a-f:]{17}(,[0-9a-f:]{17})*$/;

/** As the example programs under examples/ have it. */
const TOPOLOGIES: Readonly<Record<string, Expected>> = {
  manual: {
    hosts: three,
    targets: { node1: [], node2: ["node1"], node3: ["node1", "node2"] },
    init: { node1: elector(1), node2: observer, node3: observer },
  },
  uniform: {
    hosts: three,
    targets: { node1: ["node2", "node3"], node2: ["node1", "node3"], node3: ["node1", "node2"] },
    init: { node1: elector(3), node2: elector(3), node3: elector(3) },
  },
  fixed: {
    hosts: [...three, "node4"],
    targets: {
      node1: ["node2"],
      node2: ["node1"],
      node3: ["node1", "node2"],
      node4: ["node1", "node2"],
    },
    init: { node1: elector(2), node2: elector(2), node3: observer, node4: observer },
  },
  seeded: {
    hosts: three,
    targets: { node1: ["node2", "node3"], node2: ["node1", "node3"], node3: ["node1", "node2"] },
    init: { node1: seed, node2: seed, node3: seed },
  },
};

export function topologyStory(mesh: MeshLab): void {
  describe.each(Object.entries(TOPOLOGIES))("examples/%s", (topology, { hosts, targets, init }) => {
    afterAll(() => mesh.clear());

    test("joins hosts on which nothing was, and leaves them as they were", async () => {
      const project = await mesh.project(example(topology), hosts, {
        password: "open sesame, weave",
      });
      await up(project);
      const all = await expectMesh(mesh, hosts);
      expect(targetsByHost(mesh, all)).toEqual(targets);
      for (const host of hosts) {
        const words = await mesh.run(host, "docker inspect -f '{{json .Config.Cmd}}' weave");
        const reported = (JSON.parse(words) as string[])
          .map((word) => /^--ipalloc-init[= ](.*)$/.exec(word)?.[1])
          .find((word) => word !== undefined);
        expect(reported).toMatch(init[host] as RegExp);
      }
      const outputs = await project.outputs();
      const peerNames = Object.fromEntries([...all].map(([host, { name }]) => [host, name]));
      expect(outputs["peerNames"]).toEqual(peerNames);

      const probes = new Probes(mesh);
      await probes.add(...hosts);
      // Weave's own range gives addresses, too, and on every host.
      for (const host of hosts) {
        const box = "docker -H unix:///var/run/weave/weave.sock run --rm ferry-demo/box:1";
        expect(await mesh.run(host, `${box} ip -4 -o addr show ethwe`)).toMatch(/ 10\.(3[2-9])\./);
      }
      await expectNothingToDo(project);
      await probes.removeAll();
      await destroy(project);
      await mesh.expectAsFresh(hosts);
    });
  });
}
