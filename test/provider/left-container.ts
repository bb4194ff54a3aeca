import { containerRequest } from "../../provider/core/replica/request";
import type { PlacedReplica } from "../../provider/core/replica/model";
import type { weaveFixture } from "./weave-fixture";

/**
 * A container that is there on a host, whatever state says: "web-1" of a deployment, at an address.
 */
export async function leaveContainer(
  { context, connection, world }: ReturnType<typeof weaveFixture>,
  host: string,
  deployment: string,
  key: string,
  ip: string,
): Promise<void> {
  const [service = "", index = "0"] = key.split("-");
  const { docker } = await context.hosts.open(host, connection(host));
  world.addImage("ferry/web", host);
  const replica = {
    project: "shop",
    stack: "prod",
    deployment,
    service,
    index: Number(index),
    spec: { image: "ferry/web" },
    environment: {},
    volumes: {},
    dnsDomain: "weave.local",
    containerName: `${deployment}-${key}`,
    ip,
    subnet: "10.40.0.0/27",
  };
  await docker.create(containerRequest(replica as unknown as PlacedReplica, 1));
}
