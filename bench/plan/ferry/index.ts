import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

/** Replicas of one deployment, ten of each service. */
const PER_DEPLOYMENT = 100;
const PER_SERVICE = 10;

const config = new pulumi.Config();
const replicas = config.requireNumber("replicas");
const cluster = new ferry.WeaveCluster("net", {
  hosts: config.requireSecretObject<Record<string, ferry.HostArgs>>("hosts"),
});

for (let first = 0; first < replicas; first += PER_DEPLOYMENT) {
  const services = Array.from(
    { length: Math.min(PER_DEPLOYMENT, replicas - first) / PER_SERVICE },
    (_, index) => `web-${index}:\n  image: shop/web:1\n  environment: { SHOP: "${first}" }\n`,
  );
  new ferry.Deployment(`shop-${first / PER_DEPLOYMENT}`, {
    cluster,
    compose: services.join(""),
    scale: Object.fromEntries(services.map((_, index) => [`web-${index}`, PER_SERVICE])),
  });
}
