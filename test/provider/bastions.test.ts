import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { newestConnection, rememberConnections } from "../../provider/handlers/connections";
import { fakeReplica, IMAGE } from "./replica-fixture";

/** One private address, behind the jump host of each of two environments. */
const through = (env: string, privateKey = "k") => ({
  host: "10.0.0.5",
  privateKey,
  hostKey: "ssh-ed25519 AAAA",
  proxy: { host: `bastion-${env}.example`, privateKey, hostKey: "ssh-ed25519 AAAA" },
});

const twoEnvironments = () =>
  FakeWorld.open()
    .addHosts("prod-db", "staging-db")
    .addImage(IMAGE, "prod-db", "staging-db")
    .addPlace(through("prod"), "prod-db")
    .addPlace(through("staging"), "staging-db");

test("a place behind another jump host is another place", () => {
  rememberConnections({ db: through("prod") });
  rememberConnections({ db: through("staging") });
  expect(newestConnection(through("prod"))).toEqual(through("prod"));
  expect(newestConnection(through("staging"))).toEqual(through("staging"));
});

test("newer credentials for the same place count, those of the jump host too", () => {
  rememberConnections({ db: through("prod", "old") });
  rememberConnections({ db: through("prod", "new") });
  expect(newestConnection(through("prod", "old"))).toEqual(through("prod", "new"));
});

test("another user at an address is none of its newer credentials", () => {
  rememberConnections({ db: { ...through("prod"), user: "ferry" } });
  rememberConnections({ db: through("prod", "roots") });
  expect(newestConnection({ ...through("prod"), user: "ferry" }).user).toBe("ferry");
});

test.each(["prod", "staging"])(
  "a replica of %s starts on the host of its own program",
  async (env) => {
    const world = twoEnvironments();
    const it = fakeReplica(world);
    const placed = Object.fromEntries(
      ["prod", "staging"].map((each) => {
        const change = { stack: each, connections: { db: through(each) }, suggestedHost: "db" };
        return [each, it.placed("db", change)];
      }),
    );
    await it.handler.create(placed[env]!);
    const other = env === "prod" ? "staging" : "prod";
    expect(world.host(`${env}-db`).containers).toHaveLength(1);
    expect(world.host(`${other}-db`).containers).toEqual([]);
    expect(world.host(`${other}-db`).volumes).toEqual([]);
  },
);

test("one name leads to two machines, as the connections say", async () => {
  const hosts = fakeHostDirectory(twoEnvironments());
  const [prod, staging] = await Promise.all(
    ["prod", "staging"].map(async (env) => (await hosts.open("db", through(env))).machine()),
  );
  expect(prod).not.toEqual(staging);
});
