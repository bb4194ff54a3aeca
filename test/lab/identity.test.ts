import { deriveLab, hostNamed, hostOf, thisLab } from "../../lab/identity";
import { selects } from "../../lab/cgroups";

describe("a lab's names", () => {
  const one = deriveLab("/somewhere/a", "/var/lib/ferry-lab");
  const other = deriveLab("/somewhere/b", "/var/lib/ferry-lab");

  it("follow from the seed alone", () => {
    expect(deriveLab("/somewhere/a", "/var/lib/ferry-lab")).toEqual(one);
  });

  it("differ between two checkouts", () => {
    expect(other.id).not.toBe(one.id);
    expect(other.dir).not.toBe(one.dir);
    expect(other.network).not.toBe(one.network);
  });

  it("keep the network inside 10.192.0.0/10, away from Weave's range and Docker's", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const [first, second, third] = deriveLab(String(seed), "/x").network.split(".").map(Number);
      expect(first).toBe(10);
      expect(second).toBeGreaterThanOrEqual(192);
      expect(second).toBeLessThanOrEqual(255);
      expect(third).toBeLessThanOrEqual(255);
    }
  });

  it("fit into the kernel's 15 characters, and differ for each host", () => {
    const cables = Array.from({ length: 99 }, (_, index) => hostOf(one, index + 1).cable);
    expect(new Set(cables).size).toBe(99);
    for (const cable of [...cables, one.bridge]) expect(cable.length).toBeLessThanOrEqual(15);
  });

  it("take another seed from FERRY_LAB_ID", () => {
    expect(thisLab({ FERRY_LAB_ID: "mine" })).not.toEqual(thisLab({}));
    expect(thisLab({ FERRY_LAB_ID: "mine", FERRY_LAB_HOME: "/x" }).dir).toMatch(/^\/x\//);
  });

  it.each(["node0", "node", "node1x", "../node1", "node100"])("know no host '%s'", (name) => {
    expect(hostNamed(one, name)).toBeUndefined();
  });

  it("are selected exactly, or all of a lab", () => {
    expect(selects("fl123456-node1", "fl123456-node1")).toBe(true);
    expect(selects("fl123456-node1", "fl123456-node10")).toBe(false);
    expect(selects("fl123456-", "fl123456-node10")).toBe(true);
    expect(selects("fl123456-", "fl12345-node1")).toBe(false);
  });
});
