import type { PlacedReplica } from "../../../provider/core/replica/model";

/** What a program says of a redis with one volume, wherever it is to be. */
export const redis = {
  project: "shop",
  stack: "prod",
  deployment: "apples",
  service: "redis",
  index: 0,
  spec: { image: "redis:7", mounts: [{ type: "volume", volume: "data", target: "/data" }] },
  environment: {},
  volumes: {
    data: { id: "i", name: "apples_data", driver: "local", driverOptions: {}, external: false },
  },
  ip: "10.40.0.2",
  subnet: "10.40.0.0/24",
  dnsDomain: "weave.local",
} satisfies Partial<PlacedReplica>;
