import { labConnections } from "../../lab";
import type { Host } from "../../provider/core/adapter-ports";
import { hostNetwork } from "../../provider/adapters/network";
import { hostJournals } from "../../provider/adapters/journal/host-journals";
import { hostLeases } from "../../provider/adapters/lease/host-leases";
import { hostQuarantine } from "../../provider/adapters/volume/quarantine";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { dockerContract } from "../contracts/docker-contract";
import { separationContract } from "../contracts/separation-contract";
import { journalContract } from "../contracts/journal-contract";
import { leaseContract } from "../contracts/lease-contract";
import { shellContract } from "../contracts/shell-contract";
import { OwnLab } from "./own-lab";

const IMAGE = "ferry-demo/box:1";

const own = new OwnLab("contracts");

beforeAll(() => own.up(1), 120_000);
afterAll(() => own.down());

/** The contract suites on a real host: over SSH, to a real shell and a real Docker. */
describe.each(["root", "ferry"])("a lab host as user %s", (user) => {
  const hosts = sshHostDirectory();
  const run = `ferry-contract-${user}-${process.pid}`;
  const folder = `/tmp/${run}`;
  let opened: Host | undefined;
  const host = () => {
    if (!opened) throw new Error("not opened");
    return opened;
  };

  beforeAll(async () => {
    const connection = labConnections(own.lab)["node1"];
    if (!connection) throw new Error("the lab has no node1");
    opened = await hosts.open("node1", { ...connection, user });
  });

  afterAll(async () => {
    await opened?.shell.check({ argv: ["rm", "-rf", folder], root: true });
    await hosts.close();
  });

  shellContract(`over SSH as ${user}`, { host, folder });
  journalContract(`over SSH as ${user}`, {
    host,
    journals: () => hostJournals,
    quarantined: () => hostQuarantine,
    replica: `contract/${user}/journal/it's/0`,
    put: async (volume, file) => {
      const { mountpoint } = (await host().docker.volume(volume))!;
      await host().shell.check({ argv: ["touch", `${mountpoint}/${file}`], root: true });
    },
    list: async (volume) => {
      const { mountpoint } = (await host().docker.volume(volume))!;
      const listed = await host().shell.check({ argv: ["ls", "-A", mountpoint], root: true });
      return listed.split("\n").filter((name) => name !== "");
    },
  });
  leaseContract(`over SSH as ${user}`, {
    host,
    leases: () => hostLeases,
    volume: `contract_${user}`,
  });
  separationContract(`over SSH as ${user}`, { host, separation: () => hostNetwork.separation });
  dockerContract(`over SSH as ${user}`, { host, image: IMAGE, prefix: run, freePort: 18_473 });
});
