// First: what is loaded after it looks whom resources are kept by.
import "./keep-here";
import { provider } from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dynamicProviders } from "../provider/handlers";
import { FerryProvider } from "./provider";

/** What Pulumi runs as the plugin `pulumi-ferry` (PulumiPlugin.yaml); ends when the engine does. */
export async function serve(methods = dynamicProviders): Promise<void> {
  const schema = readFileSync(join(__dirname, "schema.json"), "utf8");
  const { version } = JSON.parse(schema) as { version: string };
  await provider.main(new FerryProvider(version, schema, methods), process.argv.slice(2));
}
