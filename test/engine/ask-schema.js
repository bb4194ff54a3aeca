// node ask-schema.js PROGRAM ARGS...: starts a plugin as the engine does, prints its schema, and ends it.
const { spawn } = require("node:child_process");
const grpc = require("@grpc/grpc-js");
const messages = require("@pulumi/pulumi/proto/provider_pb");
const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb");

const [program, ...args] = process.argv.slice(2);
const plugin = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
plugin.stdout.once("data", (port) => {
  const address = `127.0.0.1:${port.toString().trim()}`;
  const client = new ResourceProviderClient(address, grpc.credentials.createInsecure());
  client.getSchema(new messages.GetSchemaRequest(), (error, answer) => {
    plugin.kill();
    if (error) throw error;
    process.stdout.write(answer.getSchema());
    process.exit();
  });
});
