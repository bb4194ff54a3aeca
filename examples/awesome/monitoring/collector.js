"use strict";
const { appendFileSync, readdirSync, readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { join } = require("node:path");

const FOLDER = "/etc/collector";
const targets = JSON.parse(readFileSync(join(FOLDER, "targets.json"), "utf8"));
const token = readFileSync("/run/secrets/metrics-token", "utf8");
const rules = readdirSync(join(FOLDER, "rules")).map((name) =>
  JSON.parse(readFileSync(join(FOLDER, "rules", name), "utf8")),
);
const latest = {};

async function scrape(target) {
  const response = await fetch(`http://${target}:9100/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  });
  latest[target] = Object.fromEntries(
    (await response.text())
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ")),
  );
  appendFileSync("/var/lib/collector/samples", `${JSON.stringify([target, latest[target]])}\n`);
}

const scrapeAll = () => Promise.allSettled(targets.map(scrape));
setInterval(scrapeAll, 1000);

/** What was measured last, and which rules that breaks. */
createServer((_request, response) => {
  const alerts = rules.flatMap(({ metric, above, says }) =>
    Object.entries(latest).flatMap(([target, measured]) =>
      Number(measured[metric]) > above ? [`${target}: ${says}`] : [],
    ),
  );
  response.end(JSON.stringify({ latest, alerts }));
}).listen(8080);
