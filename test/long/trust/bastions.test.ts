import { sshHostDirectory } from "../../../provider/adapters/host-directory";
import type { Connection } from "../../../provider/core/connection";
import { newestConnection, rememberConnections } from "../../../provider/handlers/connections";
import { MeshLab } from "../../lab/weave/mesh-lab";

/**
 * Two machines with one private address, each behind a jump host of its own, are never taken for
 * one another.
 */
jest.setTimeout(120_000);

const lab = new MeshLab("bastions", 2);
/** In a network of each jump host's own; the machine that runs the test has no route to it. */
const PRIVATE = "192.168.117.5";

/** A second sshd in a namespace of the host's: it tells by its host name on which of them it is. */
const INNER_MACHINE = [
  "ip netns add inner",
  "ip link add outer0 type veth peer name inner0 netns inner",
  "ip addr add 192.168.117.1/24 dev outer0",
  "ip link set outer0 up",
  `ip -n inner addr add ${PRIVATE}/24 dev inner0`,
  "ip -n inner link set inner0 up",
  "mkdir -p /run/sshd",
  `ip netns exec inner /usr/sbin/sshd -o ListenAddress=${PRIVATE} -o PidFile=none`,
].join(" && ");

beforeAll(async () => {
  await lab.up();
  for (const name of lab.names) await lab.run(name, INNER_MACHINE);
});
afterAll(() => lab.down());

function behind(name: string): Connection {
  const bastion = lab.connection(name);
  return { ...bastion, host: PRIVATE, proxy: bastion };
}

test("each is reached by its own way, in one run, whichever came first", async () => {
  const directory = sshHostDirectory();
  const ways = { "prod-db": behind("node1"), "staging-db": behind("node2") };
  for (const [name, way] of Object.entries(ways)) rememberConnections({ [name]: way });
  try {
    const seen = await Promise.all(
      Object.entries(ways).map(async ([name, way]) => {
        const host = await directory.open(name, newestConnection(way));
        return [name, (await host.shell.check({ argv: ["hostname"] })).trim()];
      }),
    );
    expect(Object.fromEntries(seen)).toEqual({ "prod-db": "node1", "staging-db": "node2" });
  } finally {
    await directory.close();
  }
});
