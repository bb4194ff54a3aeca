import * as pulumi from "@pulumi/pulumi";
import { fakeCluster, ferryMocks } from "pulumi-ferry/testing";
import { shop } from "./shop";

/** What an output brings. */
const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

beforeAll(() => pulumi.runtime.setMocks(ferryMocks()));
afterAll(() => pulumi.runtime.disconnect()); // waits for what is still being registered

test("the shop's database is on node1, and its pages are beside it", async () => {
  const cluster = fakeCluster("net", { hosts: ["node1", "node2", "node3"] });
  const deployment = shop(cluster, 2);

  expect(await valueOf(deployment.subnet)).toBe("10.40.0.0/27");
  const db = deployment.replica("db");
  expect(await valueOf(db.ip)).toBe("10.40.0.2");
  expect(await valueOf(db.host)).toBe("node1");
  expect(await valueOf(db.dnsName)).toBe("db.shop.weave.local");
  const pages = deployment.services["pages"] ?? [];
  expect(await valueOf(pulumi.all(pages.map(({ host }) => host)))).toEqual(["node2", "node3"]);
});
