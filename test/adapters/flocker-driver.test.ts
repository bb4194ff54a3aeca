import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { flockerDriver } from "../../provider/adapters/volume/drivers/flocker-driver";
import { ControlServices } from "../../provider/adapters/volume/flocker/control-services";
import type { Host } from "../../provider/core/adapter-ports";
import type { FlockerControl } from "../../provider/core/volume/flocker";
import type { Identity } from "./flocker-certificates";
import { FlockerServer } from "./flocker-server";
import { installFlocker, nodeOf, PATIENCE } from "./flocker-world";

/**
 * The driver against Flocker's REST API over mutual TLS, with agents that take their time.
 *
 * What Flocker's own tests and issues say of moves, and where it is held here: a volume written on
 * one host and read on another, by `docker run` (T1) and by a compose file, marks in order (T2), in
 * lab/flocker and lab/flocker-program; there and back (T4), load and no lost write (T11), no other
 * container of it and daemons that start again (T8, T13), in lab/flocker; in place (T5), faults at
 * each step (T9) and a dead source (T12), in provider/flocker-volume; somebody else's lease or
 * container (T6), options that drift (T14), a service that is gone (T15), here. Two hosts for one
 * volume (T7), a redis that moves alone (T3) and volumes without a name (T16) are no driver's, and in
 * core/volume, lab/demo and provider/attached-volume. What files are (T10) is the file system's.
 */

const NODES = [nodeOf(1), nodeOf(2), nodeOf(3)];
const [ONE, TWO, THREE] = NODES.map(({ uuid }) => uuid) as [string, string, string];
const NAMES = ["node1", "node2", "node3"];

let server: FlockerServer;
let stranger: Identity;
let node1: Host, node2: Host, node3: Host;

beforeAll(async () => {
  server = await FlockerServer.start(NODES);
  const world = FakeWorld.open().addHosts(...NAMES, "bare");
  installFlocker(world, server, NAMES);
  const directory = fakeHostDirectory(world);
  const open = (host: string) =>
    directory.open(host, { host, privateKey: "k", hostKey: "ssh-ed25519 AAAA" });
  [node1, node2, node3] = (await Promise.all(NAMES.map(open))) as [Host, Host, Host];
  bare = await open("bare");
  const other = await FlockerServer.start(NODES);
  stranger = other.certificates.user("eve");
  await other.end();
});
let bare: Host;

afterAll(() => server.end());

let made = 0;
/** Each test has a volume of its own. */
let name: string;
beforeEach(() => {
  name = `apples_${++made}`;
  server.asked.length = 0;
});
afterEach(() => {
  Object.assign(server.faults, { fails: 0, silent: 0, loses: 0, races: 0 });
  server.agents.bothTell = false;
  for (const { uuid } of NODES) server.agents.connected.add(uuid);
});

function driverFor(settings: Partial<FlockerControl> = {}) {
  const services = new ControlServices();
  services.say({ ...server.settings(), ...settings });
  return flockerDriver(services, PATIENCE)("flocker", server.url);
}

const nobody = () => Promise.resolve([]);
const others = () => Promise.resolve([node1, node2, node3]);
const volume = (options: Record<string, string> = {}) => ({
  name,
  options,
  labels: { its: "own" },
});
const onlyOne = () => {
  const [found, other] = server.named(name);
  expect(other).toBeUndefined();
  return found!;
};
const isOn = () => server.agents.on(onlyOne().dataset_id);
const leaseOf = () => server.agents.leases.get(onlyOne().dataset_id);

describe("a dataset is made", () => {
  test("by name, size and profile in Flocker's own words, where it is to be, with a lease", async () => {
    const driver = driverFor();
    const options = { size: "10GB", profile: "gold" };
    expect(await driver.make(node1, volume(options))).toMatchObject({ name, driver: "flocker" });
    expect(onlyOne()).toMatchObject({
      primary: ONE,
      maximum_size: 10 * 1024 ** 3,
      metadata: { name, maximum_size: "10737418240", "clusterhq:flocker:profile": "gold" },
    });
    expect([isOn(), leaseOf()]).toEqual([ONE, ONE]);
  });

  test("over one connection that is kept, as a user whose certificate is the cluster's", async () => {
    const before = server.connections;
    const driver = driverFor();
    await driver.make(node1, volume());
    await driver.take(node1, volume(), nobody);
    expect(server.connections - before).toBe(1);
  });

  test("once, also where somebody changes the configuration at the same time, or an answer is lost", async () => {
    server.faults.races = 2;
    server.faults.loses = 1;
    await driverFor().make(node1, volume());
    expect(onlyOne().primary).toBe(ONE);
    expect(server.asked.filter((each) => each === "POST /configuration/datasets")).toHaveLength(3);
  });

  test("one that was deleted is none, though it is listed for ever", async () => {
    const gone = server.add(TWO, { name });
    server.agents.entries.get(gone)!.deleted = true;
    await driverFor().make(node1, volume());
    expect(onlyOne().dataset_id).not.toBe(gone);
  });

  test("and is not left behind where Docker's plugin does not make its volume", async () => {
    const docker = { createVolume: () => Promise.reject(new Error("no plugin")) };
    const broken = { ...node1, docker: { ...node1.docker, ...docker } };
    await expect(driverFor().make(broken, volume())).rejects.toThrow("no plugin");
    expect(server.named(name)).toEqual([]);
  });

  test.each([
    [{ size: "ten" }, /has size 'ten'. Say it as "10GB" or "512MiB"/],
    [{ size: "63m" }, /Flocker takes 64 MiB and more, in whole KiB/],
    [{ profile: "iron" }, /has profile 'iron', and Flocker knows gold, silver, bronze/],
    [{ sise: "1g" }, /has the driver option `sise`, and Flocker knows `size` and `profile`/],
  ])("options that Flocker would pass over in silence are refused: %p", (options, reason) => {
    expect(driverFor().optionsProblem(options as Record<string, string>)).toMatch(reason);
  });

  test.each(["64MiB", "75g", "1T", "65536k", "100GB", "67108864"])("size %s is one", (size) => {
    expect(driverFor().optionsProblem({ size })).toBeUndefined();
  });
});

describe("a dataset is moved", () => {
  beforeEach(async () => {
    await driverFor().make(node1, volume());
  });

  test("once the source lets go of its lease, and waited for until one node alone has it", async () => {
    const driver = driverFor();
    server.agents.bothTell = true;
    expect(await driver.takeProblem(node2, volume(), node1)).toBeUndefined();
    await driver.letGo(node1, { name, mountpoint: "" });
    expect(leaseOf()).toBeUndefined();
    await driver.take(node2, volume(), nobody);
    expect([isOn(), leaseOf(), onlyOne().primary]).toEqual([TWO, TWO, TWO]);
    await driver.letGo(node2, { name, mountpoint: "" });
    await driver.take(node1, volume(), nobody);
    expect(isOn()).toBe(ONE);
  });

  test("taking what is there already asks for no change", async () => {
    server.asked.length = 0;
    await driverFor().take(node1, volume(), nobody);
    expect(server.asked.filter((each) => !each.startsWith("GET "))).toEqual([]);
  });

  test("also where the service is killed and comes back, is silent, or answers 500", async () => {
    const driver = driverFor();
    await driver.letGo(node1, { name, mountpoint: "" });
    server.faults.fails = 2;
    const taken = driver.take(node2, volume(), nobody);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.faults.fails = 1;
    await server.listen();
    await taken;
    expect(isOn()).toBe(TWO);
  });

  test("a slow agent is waited for, and after that told of with what is seen", async () => {
    const driver = driverFor();
    await driver.letGo(node1, { name, mountpoint: "" });
    server.agents.stepMs = 60_000;
    await expect(driver.take(node2, volume(), nobody)).rejects.toThrow(
      new RegExp(
        `taking volume '${name}' failed on host 'node2': after 5 s dataset '.*' is not there: ` +
          `Flocker's node ${ONE} \\(192.0.2.1\\) has it still. See what Flocker's agents`,
      ),
    );
    server.agents.stepMs = 15;
  });

  test("to a host whose agent is gone it is refused before anything is let go", async () => {
    server.agents.connected.delete(TWO);
    expect(await driverFor().takeProblem(node2, volume(), node1)).toMatch(
      /cannot go to host 'node2': Flocker's agent there is not connected to its control service/,
    );
  });

  test("to a host that is none of Flocker's it is refused", async () => {
    await expect(driverFor().takeProblem(bare, volume(), node1)).rejects.toThrow(
      /failed on host 'bare': it has no \/etc\/flocker\/node.crt of a node/,
    );
  });

  test("from a dead node it is taken, whose lease would stay for ever", async () => {
    server.agents.connected.delete(ONE);
    await driverFor().take(node2, volume(), nobody);
    expect([isOn(), leaseOf()]).toEqual([TWO, TWO]);
  });

  test("a lease of somebody else is kept, and named, before anything stops and after", async () => {
    const driver = driverFor();
    server.agents.leases.set(onlyOne().dataset_id, THREE);
    expect(await driver.takeProblem(node2, volume(), node1)).toMatch(
      new RegExp(`Flocker's node ${THREE} \\(192.0.2.3\\) has a lease on its dataset`),
    );
    await expect(driver.take(node2, volume(), nobody)).rejects.toThrow(
      /has a lease on its dataset/,
    );
    expect(leaseOf()).toBe(THREE);
  });

  test("a lease that a killed run has left ends where nothing runs with it on that host", async () => {
    const driver = driverFor();
    await driver.take(node2, volume(), others);
    expect([isOn(), leaseOf()]).toEqual([TWO, TWO]);
  });

  test("and is kept where something does", async () => {
    const container = { name: "shop", status: "running", mounts: [{ volume: name }] };
    const docker = { containers: () => Promise.resolve([container]) };
    const used = { ...node1, docker: { ...node1.docker, ...docker } } as unknown as Host;
    await expect(
      driverFor().take(node2, volume(), () => Promise.resolve([used, node3])),
    ).rejects.toThrow(/container 'shop' on host 'node1' runs with volume '.*Stop that container/);
    expect([isOn(), leaseOf()]).toEqual([ONE, ONE]);
  });

  test("what differs from the program is refused, as Flocker changes neither size nor profile", async () => {
    const wanted = volume({ size: "1g" });
    await expect(driverFor().takeProblem(node2, wanted, node1)).rejects.toThrow(
      /it has 80530636800 bytes, and the program says 1073741824 \('1g'\).*Put the driver options back/,
    );
    await expect(driverFor().make(node2, volume({ profile: "gold" }))).rejects.toThrow(
      /it has no profile, and the program says 'gold'/,
    );
  });

  test("one of which there are two, or none, is told and not guessed", async () => {
    const other = server.add(ONE, { name });
    await expect(driverFor().take(node2, volume(), nobody)).rejects.toThrow(
      /Flocker's control service has two datasets of that name/,
    );
    for (const { dataset_id: id } of server.named(name)) {
      if (id !== other) server.agents.entries.get(id)!.deleted = true;
    }
    server.agents.entries.get(other)!.deleted = true;
    await expect(driverFor().take(node2, volume(), nobody)).rejects.toThrow(
      /has no dataset of that name. Look there for what has become of it/,
    );
  });
});

describe("a dataset is deleted", () => {
  test("with its lease, which would keep its agent from it; and again without a fault", async () => {
    const driver = driverFor();
    const existing = await driver.make(node1, volume());
    const { dataset_id: id } = onlyOne();
    await driver.remove(node1, existing);
    expect(server.agents.entries.get(id)).toMatchObject({ deleted: true });
    expect(server.agents.leases.has(id)).toBe(false);
    await driver.remove(node1, existing);
  });
});

describe("who may ask, and who answers", () => {
  test("a certificate of another cluster is told of, and no part of it", async () => {
    const attempt = driverFor(stranger).make(node1, volume());
    await expect(attempt).rejects.toThrow(
      /asking Flocker's control service at 127.0.0.1:\d+ failed: the connection was cut off, as it is where/,
    );
    await expect(attempt).rejects.not.toThrow(/PRIVATE KEY|MII/);
  });

  test("so is a service of another cluster", async () => {
    const attempt = driverFor({ ca: stranger.cert }).make(node1, volume());
    await expect(attempt).rejects.toMatchObject({ fault: { kind: "refused" } });
  });

  test("what is no certificate at all is told as such", async () => {
    const attempt = driverFor({ cert: "-----BEGIN CERTIFICATE-----" }).make(node1, volume());
    await expect(attempt).rejects.toMatchObject({ fault: { kind: "refused" } });
  });

  test("a service that is away is told of within our own patience", async () => {
    await server.kill();
    await expect(driverFor().make(node1, volume())).rejects.toThrow(
      /making volume 'apples_\d+' failed on host 'node1': after 2 s asking Flocker's .*: nothing listens there/,
    );
    await server.listen();
  });

  test("a run that does not know its certificates lets go in silence, and says so when it takes", async () => {
    const driver = flockerDriver(new ControlServices(), PATIENCE)("flocker", server.url);
    await driver.letGo(node1, { name, mountpoint: "" });
    await expect(driver.take(node1, volume(), nobody)).rejects.toThrow(
      /this run does not know its certificates. Run it with the program/,
    );
  });
});
