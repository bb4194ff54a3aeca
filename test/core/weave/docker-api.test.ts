import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withParts } from "../../adapters/on-host/here";

const folder = mkdtempSync(join(tmpdir(), "ferry-docker-api-"));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * What a weave command that comes next finds in its environment: the version, and the arguments of
 * the router and of the helpers.
 */
function reported(docker: string, environment: Record<string, string> = {}): string {
  writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}\n`);
  chmodSync(join(folder, "docker"), 0o755);
  const next = "sh -c 'echo \"$DOCKER_API_VERSION|$WEAVE_DOCKER_ARGS|$WEAVEEXEC_DOCKER_ARGS\"'";
  const { stdout } = spawnSync("sh", ["-ec", `${withParts("weave/dockers-api.sh")}${next}`], {
    env: { ...environment, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    encoding: "utf8",
  });
  return stdout.trim();
}

describe("the version of Docker's API that Weave is told to speak", () => {
  test.each(["1.12", "1.18", "1.24", "<no value>"])(
    "is Weave's own where Docker begins at %s",
    (lowest) => {
      expect(reported(`echo '${lowest}'`)).toBe("||");
    },
  );

  test.each(["1.25", "1.30", "1.40", "1.44", "1.100", "2.0"])(
    "is Docker's lowest, %s",
    (lowest) => {
      expect(reported(`echo ${lowest}`)).toBe(
        `${lowest}|-e DOCKER_API_VERSION=${lowest}|-e DOCKER_API_VERSION=${lowest}`,
      );
    },
  );

  test("is Weave's own where there is no answer", () => {
    expect(reported("echo Cannot connect >&2; exit 1")).toBe("||");
    expect(reported("exit 127")).toBe("||");
  });

  test("joins what the host's owner has the router and the helpers be given", () => {
    const own = { WEAVE_DOCKER_ARGS: "--cpus 1", WEAVEEXEC_DOCKER_ARGS: "--label a" };
    expect(reported("echo 1.44", own)).toBe(
      "1.44|-e DOCKER_API_VERSION=1.44 --cpus 1|-e DOCKER_API_VERSION=1.44 --label a",
    );
  });
});
