// Writes what other languages' SDKs are generated from beside the plugin that it describes: what Pulumi's own analyzer of
// components reads in languages/index.ts. Done here, as the package has no TypeScript in it.
const fs = require("fs");
const path = require("path");
const { Analyzer } = require("@pulumi/pulumi/provider/experimental/analyzer");
const { generateSchema } = require("@pulumi/pulumi/provider/experimental/schema");

const root = path.join(__dirname, "..");
const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
const names = ["WeaveCluster", "Peer", "Deployment", "ServiceReplica", "FlockerVolume"];

const { name, version, description } = manifest;
const analyzer = new Analyzer(root, name, manifest, new Set(names));
const { components, typeDefinitions, dependencies } = analyzer.analyze();
const schema = generateSchema(
  name,
  version,
  description,
  components,
  typeDefinitions,
  dependencies,
);
// Else the Python package would be pulumi_pulumi_ferry.
schema.language.python.packageName = "pulumi_ferry";
fs.writeFileSync(path.join(root, "dist/languages/schema.json"), JSON.stringify(schema));
