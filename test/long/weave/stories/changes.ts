import type { PulumiProject } from "../../../../lab";
import { expectMesh } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { Observer } from "../../../lab/weave/observer";
import { PINGS_PER_SECOND, Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

/** How long a router that is back may take until its connections carry packets again. */
const RECONNECT_SECONDS = 5;

export function changeStory(mesh: MeshLab): void {
  describe("settings that change while containers ping", () => {
    const hosts = ["node1", "node2", "node3", "node4"];
    const probes = new Probes(mesh);
    let project: PulumiProject;

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, hosts, { password: "open sesame, weave" });
      await setArgs(project, {});
      await up(project);
      await probes.add(...hosts);
    });
    afterAll(() => mesh.clear());

    // More than one peer keeps the name, as it goes with the router that holds it.
    const printerSeenFrom = async (host: string) => {
      const found = await mesh.run(host, "weave dns-lookup printer.weave.local");
      return [...new Set(found.split("\n").filter(Boolean))];
    };
    const routers = () =>
      Promise.all(
        hosts.map((host) =>
          mesh.run(host, "docker inspect -f '{{.Config.Image}} {{json .Config.Cmd}}' weave"),
        ),
      );
    const addresses = () =>
      Promise.all(
        hosts.map((host) => mesh.run(host, "docker exec prober ip -4 -o addr show ethwe")),
      );

    /** A change that makes every router start anew, watched from outside. */
    const relaunching = async (what: string, change: () => Promise<unknown>) => {
      const before = await addresses();
      const shares = (await expectMesh(mesh, hosts)).get("node1")?.shares;
      const observer = new Observer(mesh, hosts);
      try {
        const { loss } = await probes.during(change);
        console.log(
          what,
          loss,
          observer.outages().map(({ host, fromMs, toMs }) => `${host} ${toMs - fromMs} ms`),
        );
        expect(observer.looks).toBeGreaterThan(100);
        expect(
          observer
            .outages()
            .map(({ host }) => host)
            .toSorted(),
        ).toEqual(hosts);
        expect(observer.overlaps()).toEqual([]);
        expect(loss.pairs).toBe(12);
        // A pair loses what it sends while one of its two routers is away, and no more.
        const away = observer
          .outages()
          .filter(({ host }) => loss.worstPair.split(" -> ").includes(host))
          .reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1000 + RECONNECT_SECONDS, 0);
        expect(loss.mostLostByOnePair).toBeLessThanOrEqual(away * PINGS_PER_SECOND);
      } finally {
        observer.stop();
      }
      const after = await expectMesh(mesh, hosts);
      expect(after.get("node1")?.shares).toEqual(shares);
      expect(await addresses()).toEqual(before);
    };

    test("another flag relaunches one router after the other, each back before the next", async () => {
      await setArgs(project, { extraFlags: ["--plugin=false", "--log-level=debug"] });
      await relaunching("another flag", () => up(project));
      for (const router of await routers()) expect(router).toContain("--log-level=debug");
      await expectNothingToDo(project);
    });

    test("another version is the same thing with another image", async () => {
      for (const host of hosts) {
        await mesh.run(host, "docker tag weaveworks/weave:2.6.5 weaveworks/weave:2.6.6");
        await mesh.run(host, "docker tag weaveworks/weaveexec:2.6.5 weaveworks/weaveexec:2.6.6");
      }
      await setArgs(project, {
        extraFlags: ["--plugin=false", "--log-level=debug"],
        imageVersion: "2.6.6",
      });
      await relaunching("another version", () => up(project));
      for (const router of await routers()) expect(router).toContain("weaveworks/weave:2.6.6");
      await expectNothingToDo(project);
    });

    test("a new password cuts the network in two while it travels, and leaves it whole", async () => {
      const before = await addresses();
      await project.setConfig("weavePassword", "another word, weave", { secret: true });
      const { loss } = await probes.during(() => up(project));
      console.log("another password", loss);
      const all = await expectMesh(mesh, hosts);
      expect([...all.values()].every(({ encrypted }) => encrypted)).toBe(true);
      expect(await addresses()).toEqual(before);
      await expectNothingToDo(project);
    });

    test("the hosts themselves get addresses on the overlay, and names are given to things outside", async () => {
      const settings = {
        extraFlags: ["--plugin=false", "--log-level=debug"],
        imageVersion: "2.6.6",
      };
      await setArgs(project, {
        ...settings,
        peers: { node1: { expose: "10.44.0.101/24" }, node2: { expose: true } },
        dnsEntries: { "printer.weave.local": "192.0.2.9" },
      });
      await up(project);
      const onWeave = (host: string) => mesh.run(host, "ip -4 -o addr show weave");
      expect(await onWeave("node1")).toContain("10.44.0.101/24");
      expect(await onWeave("node2")).toMatch(/ 10\.3[2-9]\./);
      expect(await onWeave("node3")).toBe("");
      // A container on another host reaches the host, and asks Weave's DNS for the name.
      await mesh.run("node3", "docker exec prober ping -c 1 -w 20 10.44.0.101");
      await mesh.run("node1", "ping -c 1 -w 20 10.44.0.4");
      for (const host of hosts) {
        expect(await printerSeenFrom(host)).toEqual(["192.0.2.9"]);
      }
      await expectNothingToDo(project);

      // Both outlive a reboot and a relaunch, or are put back by the next run at the latest.
      await mesh.reboot("node1");
      await expectMesh(mesh, hosts, 60);
      await up(project, "--refresh");
      expect(await onWeave("node1")).toContain("10.44.0.101/24");
      for (const host of hosts) {
        expect(await printerSeenFrom(host)).toEqual(["192.0.2.9"]);
      }

      await setArgs(project, settings);
      await up(project);
      expect(await onWeave("node1")).toBe("");
      expect(await onWeave("node2")).toBe("");
      expect(await printerSeenFrom("node3")).toEqual([]);
      await expectNothingToDo(project);
    });

    test("it goes, and leaves the hosts as they were", async () => {
      await probes.removeAll();
      await destroy(project);
      for (const host of hosts) {
        await mesh.tryRun(host, "docker rmi weaveworks/weave:2.6.6 weaveworks/weaveexec:2.6.6");
      }
      await mesh.expectAsFresh();
    });
  });
}
