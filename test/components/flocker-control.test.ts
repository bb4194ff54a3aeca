import { freshProgram } from "./fresh-program";
import { allRegistered, inputsOf, TYPES } from "./recorder";

const hosts = { node1: { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 A" } };
const flocker = { control: "https://control:4523", ca: "A CA", cert: "A CERT", key: "A KEY" };
/** As the engine takes what is secret. */
const said = expect.objectContaining({ value: JSON.stringify(flocker) });

type Ferry = ReturnType<typeof freshProgram>["ferry"];

async function registeredWith(
  declare: (ferry: Ferry, cluster: InstanceType<Ferry["WeaveCluster"]>) => void,
) {
  const { registered, ferry } = freshProgram();
  declare(ferry, new ferry.WeaveCluster("net", { hosts, password: "a secret password" }));
  await allRegistered(registered);
  const volumes = Object.values(inputsOf(registered, TYPES.volume));
  const [replica] = Object.values(inputsOf(registered, TYPES.replica));
  return { volumes, replica };
}

const ATTACHED = { driver: "flocker", scope: "attach", control: flocker.control };

test("the control service of a volume is what it is attached by, and its replica is told of it", async () => {
  const { volumes, replica } = await registeredWith((ferry, cluster) => {
    const data = new ferry.FlockerVolume("data", { cluster, deployment: "apples", flocker });
    new ferry.ServiceReplica("box", {
      ...{ cluster, deployment: "apples", service: "box", host: "node1", volumes: [data] },
      container: { image: "box", mounts: [{ type: "volume", volume: "data", target: "/data" }] },
    });
  });
  expect(volumes).toEqual([expect.objectContaining({ ...ATTACHED, flocker: said })]);
  expect(replica).toMatchObject({
    volumes: { data: ATTACHED },
    flocker: expect.objectContaining({ value: { data: JSON.stringify(flocker) } }),
  });
});

test("that of a deployment is for the volumes of its file with that driver", async () => {
  const compose = {
    services: { box: { image: "box", volumes: ["data:/data", "own:/own"] } },
    volumes: { data: { driver: "flocker" }, own: {} },
  };
  const { volumes } = await registeredWith((ferry, cluster) => {
    new ferry.Deployment("apples", { cluster, compose: JSON.stringify(compose), flocker });
  });
  const [data, own] = volumes;
  expect(data).toMatchObject({ ...ATTACHED, flocker: said, name: "apples_data" });
  expect(own).toMatchObject({ driver: "local", name: "apples_own" });
  expect(own).not.toHaveProperty("flocker");
});

test("another scope than its own is a mistake", async () => {
  await registeredWith((ferry, cluster) => {
    expect(
      () =>
        new ferry.FlockerVolume("data", { cluster, deployment: "apples", flocker, scope: "host" }),
    ).toThrow(/with `flocker` its scope is "attach". Leave `scope` out/);
  });
});
