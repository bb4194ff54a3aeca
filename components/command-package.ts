import { type CustomResource, type CustomResourceOptions } from "@pulumi/pulumi";
import { createRequire } from "module";
import { compareVersions } from "../provider/core/host/facts";
import { mistake } from "../provider/resources/mistake";

type Kind = new (
  name: string,
  args: Record<string, unknown>,
  opts?: CustomResourceOptions,
) => CustomResource;

/**
 * `@pulumi/command`, of which only preparing hosts has need. It is not among Ferry's own packages:
 * the engine fetches the plugin of every package that is installed, used or not.
 */
export interface CommandPackage {
  readonly Command: Kind;
  readonly CopyToRemote: Kind;
}

/**
 * `hostKey` is unknown to those before 1.1.0, which would take any host for the right one; those
 * before 1.2.1 make no folder to copy files to.
 */
export const OLDEST_COMMAND = "1.2.1";

export function commandPackage(): CommandPackage {
  const load = createRequire(__filename);
  try {
    const { version } = load("@pulumi/command/package.json") as { version: string };
    if (compareVersions(version, OLDEST_COMMAND) < 0) {
      throw mistake(
        `\`bootstrap\` needs @pulumi/command ${OLDEST_COMMAND} or later, and ${version} is installed: ` +
          "`npm install @pulumi/command@latest`.",
      );
    }
    return (load("@pulumi/command") as { remote: CommandPackage }).remote;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw mistake(
      "`bootstrap` prepares hosts by resources of @pulumi/command, which is not installed: `npm install @pulumi/command`.",
    );
  }
}
