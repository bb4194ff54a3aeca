import { RunError, type CustomResource, type CustomResourceOptions } from "@pulumi/pulumi";
import { createRequire } from "module";

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

export function commandPackage(): CommandPackage {
  try {
    const { remote } = createRequire(__filename)("@pulumi/command") as { remote: CommandPackage };
    return remote;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new RunError(
      "`bootstrap` prepares hosts by resources of @pulumi/command, which is not installed: `npm install @pulumi/command`.",
    );
  }
}
