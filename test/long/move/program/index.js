"use strict";
// Plain JavaScript, so that a run of the engine begins at once. The replica is the one of test/lab/moving-redis.ts.
const pulumi = require("@pulumi/pulumi");
const ferry = require("pulumi-ferry");

const config = new pulumi.Config();
const privateKey = config.requireSecret("privateKey");
const hosts = Object.entries(config.requireObject("hosts"));
const command = "--appendonly yes --appendfsync always --save '' --protected-mode no";

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(hosts.map(([name, host]) => [name, { ...host, privateKey }])),
});
const compose = {
  services: {
    redis: {
      image: "ferry-demo/redis:1",
      command,
      working_dir: "/data",
      restart: "always",
      volumes: ["data:/data"],
      healthcheck: { test: ["CMD", "/usr/bin/redis-cli", "ping"], interval: "5s" },
    },
  },
  volumes: { data: {} },
};
const application = new ferry.Deployment("mv", {
  cluster,
  compose: JSON.stringify(compose, null, 2),
  subnet: "10.40.77.0/24",
  ips: { redis: "10.40.77.2" },
  hosts: { redis: config.require("redisHost") },
  healthTimeoutSeconds: 30,
  deleteData: true,
});

exports.host = application.services.redis[0].host;
