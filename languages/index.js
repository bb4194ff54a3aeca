// What Pulumi's Node host runs as the plugin (PulumiPlugin.yaml): it calls the function that a plugin exports. Whoever
// imports the package gets `dist/index.js`, by `exports` in package.json.
module.exports = () => require("../dist/languages/serve").serve();
