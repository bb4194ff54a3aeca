import type { PulumiProject } from "../../../../lab";
import { expectMesh } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { destroy, expectNothingToDo, up, upFails } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

const PASSWORD = "open sesame, weave";

export function mistakeStory(mesh: MeshLab): void {
  describe("what goes wrong with a network, and how it is told", () => {
    const hosts = ["node1", "node2", "node3"];
    let project: PulumiProject;

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, hosts, { password: PASSWORD });
    });
    afterAll(() => mesh.clear());

    test("two peers with one name are refused in preview, and nothing is touched", async () => {
      const peerName = "02:00:00:00:00:01";
      await setArgs(project, { peers: { node1: { peerName }, node3: { peerName } } });
      const { code, stdout, stderr } = await project.run(["preview"]);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(/node1.*node3|node3.*node1/);
      expect(stdout + stderr).toContain(peerName);
      await mesh.expectAsFresh(hosts);
    });

    test("so are two with one nickname", async () => {
      await setArgs(project, {
        peers: { node1: { nickname: "berlin" }, node2: { nickname: "berlin" } },
      });
      const { code, stdout, stderr } = await project.run(["preview"]);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(/berlin/);
      await mesh.expectAsFresh(hosts);
    });

    test("a router with another password is told by its host, and putting it right is enough", async () => {
      const launch = `weave launch --ipalloc-range=10.32.0.0/13 --plugin=false ${mesh.address("node1")}`;
      const environment = "WEAVE_NO_FASTDP=1 CHECKPOINT_DISABLE=1";
      await mesh.run("node3", `${environment} WEAVE_PASSWORD='something else' ${launch}`);
      await setArgs(project, { quorumTimeoutSeconds: 10 });
      const said = await upFails(project);
      expect(said).toMatch(/host 'node3'[^\n]*password is another one, not the one given/);
      expect(said).not.toContain("something else");
      expect(said).not.toContain(PASSWORD);
      await mesh.run("node3", "weave reset");
      await setArgs(project, { quorumTimeoutSeconds: 60 });
      await up(project);
      await expectMesh(mesh, hosts);
      await expectNothingToDo(project);
    });

    test("the password is on no command line, and in clear neither in the state nor in a file that others may read", async () => {
      expect(await project.exportState()).not.toContain(PASSWORD);
      for (const host of hosts) {
        expect(await mesh.run(host, `ps axww -o args | grep -c '[o]pen sesame' || true`)).toBe(
          "0\n",
        );
        // Read as somebody else: a folder that nobody may enter guards what lies in it.
        const read = await mesh.run(
          host,
          "for file in $(grep -rl 'open sesame' /etc /run /root /var/lib/ferry /usr/local 2>/dev/null); do " +
            "! setpriv --reuid 65534 --regid 65534 --clear-groups cat $file >/dev/null 2>&1 || echo $file; done",
        );
        expect(read).toBe("");
      }
      await destroy(project);
      await mesh.expectAsFresh(hosts);
    });

    test("clones of one machine are one peer to Weave, and are named", async () => {
      const own = await mesh.run("node3", "cat /etc/machine-id");
      const clone = await mesh.run("node2", "cat /etc/machine-id");
      const setId = (id: string) => mesh.runWithInput("node3", "cat >/etc/machine-id", id);
      await setId(clone);
      try {
        await setArgs(project, { quorumTimeoutSeconds: 20 });
        expect(await upFails(project)).toMatch(/'node2' and 'node3' are one and the same peer/);
      } finally {
        await setId(own);
      }
      await destroy(project);
      await mesh.expectAsFresh(hosts);
    });

    test("without a quorum the run ends in time, says who is missing, and leaves no helper behind", async () => {
      const weavePorts = "-p tcp --dport 6783 -j DROP";
      for (const host of hosts) {
        await mesh.run(host, ["iptables", "-I", "INPUT", ...weavePorts.split(" ")]);
      }
      await setArgs(project, { quorumTimeoutSeconds: 8 });
      const said = await upFails(project);
      expect(said).toMatch(/within 8 s/);
      for (const host of hosts) expect(said).toContain(`'${host}'`);
      for (const host of hosts) {
        const names = await mesh.run(host, "docker ps -a --format '{{.Names}}' | sort");
        expect(names.split("\n").filter((name) => name !== "" && !/^weave/.test(name))).toEqual([]);
        expect(await mesh.run(host, "docker ps -q | wc -l")).toBe("1\n");
      }
      for (const host of hosts) {
        await mesh.run(host, ["iptables", "-D", "INPUT", ...weavePorts.split(" ")]);
      }
      await setArgs(project, { quorumTimeoutSeconds: 60 });
      await up(project);
      await expectMesh(mesh, hosts);
      await destroy(project);
      await mesh.expectAsFresh(hosts);
    });
  });
}
