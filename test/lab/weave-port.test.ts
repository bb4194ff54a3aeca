import { mustRun } from "../../lab";
import { weaveContract, type WeavePair } from "../contracts/weave-contract";
import { pause, weaveLab } from "./weave-lab";

jest.setTimeout(120_000);

const { lab, weave, address, expectAsFresh } = weaveLab("weave-port", 2);

describe("the real Weave", () => {
  weaveContract((): WeavePair => ({
    first: weave("node1"),
    second: weave("node2"),
    firstAddress: address("node1"),
    secondAddress: address("node2"),
    firstHost: "node1",
    secondHost: "node2",
    wait: () => pause(4000),
  }));

  test("prime that was interrupted leaves no helper container", async () => {
    await weave("node1").launch({
      ipallocRange: "10.32.0.0/13",
      discovery: true,
      trustedSubnets: [],
      extraFlags: [],
      targets: [],
      electors: 3,
    });
    const before = await mustRun("node1", "docker ps -aq | sort", lab);
    expect(await weave("node1").prime(2)).toBe(false);
    expect(await mustRun("node1", "docker ps -aq | sort", lab)).toBe(before);
  });

  test("the report is read without curl and wget too", async () => {
    const hide = "mv /usr/bin/curl /usr/bin/curl.hidden";
    await mustRun("node1", hide, lab);
    const report = await weave("node1").report();
    await mustRun("node1", "mv /usr/bin/curl.hidden /usr/bin/curl", lab);
    expect(report?.ipam?.range).toBe("10.32.0.0/13");
  });

  test("reset leaves a host as it was, and again", async () => {
    await weave("node1").reset();
    await weave("node1").reset();
    await expectAsFresh("node1");
    const left = "ls -d /opt/cni /etc/cni/net.d/* /var/run/weave 2>/dev/null | cat";
    expect(await mustRun("node1", left, lab)).toBe("");
  });
});
