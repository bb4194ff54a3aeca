import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

type Hosts = Record<string, Omit<ferry.ConnectionArgs, "privateKey">>;

interface Said {
  text: string;
}

/** Says what it was given, once it is there. */
class Late extends pulumi.dynamic.Resource {
  declare readonly said: pulumi.Output<string>;

  constructor(name: string, text: string) {
    super(
      {
        create: ({ text }: Said) => Promise.resolve({ id: name, outs: { text, said: text } }),
        update: (_id: string, _olds: Said, { text }: Said) =>
          Promise.resolve({ outs: { text, said: text } }),
      },
      name,
      { said: undefined, text },
    );
  }
}

const config = new pulumi.Config();
const privateKey = config.requireSecret("privateKey");

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(
    Object.entries(config.requireObject<Hosts>("hosts")).map(([name, host]) => [
      name,
      { ...host, privateKey },
    ]),
  ),
});

new ferry.Deployment("apples", {
  cluster,
  compose: `
services:
  box:
    image: ferry-demo/box:1
    command: [sleep, "1000000"]
    stop_grace_period: 1s
    configs: [site]
    secrets: [token]
configs: { site: { content: "server \${SITE};\\n" } }
secrets: { token: { environment: TOKEN } }
`,
  variables: {
    SITE: new Late("site", config.require("site")).said,
    TOKEN: pulumi.secret(new Late("token", "t0ken-that-comes-late").said),
  },
});
