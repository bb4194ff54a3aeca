import { randomBytes } from "crypto";
import { writeFileSync } from "fs";
import { join } from "path";
import { parseArgs } from "util";
import * as lab from "../../lab";
import { broken, table } from "./demo/findings";
import { bringUpHosts, takeDownHosts } from "./demo/lab-hosts";
import { tellStory } from "./demo/story";

const HOST_OPTIONS = {
  suite: { type: "string" },
  docker: { type: "string" },
  store: { type: "string" },
  weave: { type: "string" },
  host: { type: "string", multiple: true },
} as const;

/**
 * `npm run demo`: tells README's story on real hosts, prints what was measured and exits with 1
 * when any of it does not hold. `--json FILE` writes the figures, `--keep` leaves the hosts up.
 * `--suite trixie --docker 29` and the like make the hosts of something else than Debian 12, as
 * `npm run lab -- up` does.
 */
async function main(): Promise<void> {
  const { values: options, tokens } = parseArgs({
    options: {
      json: { type: "string" },
      keep: { type: "boolean", default: false },
      ...HOST_OPTIONS,
    },
    tokens: true,
  });
  const wanted = lab.parseHosts(
    tokens.flatMap((token) =>
      token.kind === "option" && token.name in HOST_OPTIONS
        ? [`--${token.name}`, token.value ?? ""]
        : [],
    ),
  );
  const started = Date.now();
  const say = (heading: string) => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`\n== ${heading}  [${seconds} s]\n`);
  };

  say("Three hosts come up, each with its own systemd, sshd, dockerd and Weave Net");
  await bringUpHosts(wanted.kindOf);
  const connections = lab.labConnections();
  const privateKey = Object.values(connections)[0]?.privateKey ?? "";
  const weavePassword = randomBytes(18).toString("base64url");
  const project = await lab.PulumiProject.create(__dirname, join(lab.labDir(), "moby-counter"));
  const hosts = Object.entries(connections).map(
    ([name, { host, hostKey }]) => [name, { host, hostKey }] as const,
  );
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)));
  await project.setConfig("privateKey", privateKey, { secret: true });
  await project.setConfig("weavePassword", weavePassword, { secret: true });

  const findings = await tellStory(project, { privateKey, weavePassword }, say);
  const failures = broken(findings);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(findings, null, 2)}\n`);
  if (!options.keep) {
    say("The hosts go down");
    await takeDownHosts();
  }
  say("What came of it");
  console.log(table(findings));
  const seconds = Math.round((Date.now() - started) / 1000);
  for (const failure of failures) console.error(`  DOES NOT HOLD: ${failure}`);
  console.log(
    failures.length === 0
      ? `\nAll of it holds (${seconds} s).`
      : `\nThe demo failed (${seconds} s).`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(
    `\nThe demo was cut off: ${error instanceof Error ? error.message : String(error)}`,
  );
  console.error(
    "The hosts are left as they are, to look at: `npm run lab -- status`. `npm run lab -- down` ends them.",
  );
  process.exitCode = 1;
});
