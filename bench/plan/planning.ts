import { suggestHosts } from "../../provider/core/placement/suggest-hosts";
import { addressPoolHandler } from "../../provider/handlers/address-pool";
import { Programs } from "../../provider/handlers/programs";

const PER_DEPLOYMENT = 100;

/** What it takes to give as many replicas their subnets, addresses and hosts, Pulumi left out. */
export function planMilliseconds(replicas: number, hosts: readonly string[]): number {
  const context = { hosts: nobody(), progress: { info: () => undefined, warn: () => undefined } };
  const pool = addressPoolHandler(context, new Programs());
  const requests = Array.from({ length: Math.ceil(replicas / PER_DEPLOYMENT) }, (_, index) => ({
    deployment: `shop-${index}`,
    replicas: Array.from(
      { length: Math.min(PER_DEPLOYMENT, replicas - index * PER_DEPLOYMENT) },
      (__, replica) => ({ key: `web-${replica}`, volumes: [] }),
    ),
  }));
  const began = performance.now();
  const { problems } = pool.check(
    {},
    {
      cluster: "net",
      pool: "10.40.0.0/13",
      exclude: [],
      ipallocRange: "10.32.0.0/13",
      requests,
    },
  );
  for (const request of requests) suggestHosts(request.replicas, hosts);
  const took = performance.now() - began;
  if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
  return Math.round(took);
}

const nobody = () => ({
  open: () => Promise.reject(new Error("planning asks no host")),
  close: () => Promise.resolve(),
});
