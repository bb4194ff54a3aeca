import { createRequire } from "node:module";
import { join } from "node:path";

const HANDLERS = "pulumi-ferry/provider/handlers";
const DYNAMIC_PROVIDER = "@pulumi/pulumi/cmd/dynamic-provider";

/**
 * From where the engine's process for dynamic resources finds this package: the folder that the
 * program runs in, or else the SDK's own, where a package manager such as pnpm puts what others ask
 * for. "program" also where there is no SDK to be seen: no engine will look for anything then.
 */
export function foundFrom(programFolder: string): "program" | "sdk" | "nowhere" {
  const program = join(programFolder, "index.js");
  if (resolved(HANDLERS, program) !== undefined) return "program";
  const sdk = resolved(DYNAMIC_PROVIDER, program);
  if (sdk === undefined) return "program";
  return resolved(HANDLERS, sdk) === undefined ? "nowhere" : "sdk";
}

function resolved(module: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(module);
  } catch {
    return undefined;
  }
}
