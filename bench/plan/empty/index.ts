import * as pulumi from "@pulumi/pulumi";

const provider: pulumi.dynamic.ResourceProvider = {
  create: () => Promise.resolve({ id: "empty", outs: {} }),
};

class Empty extends pulumi.dynamic.Resource {
  constructor(name: string) {
    super(provider, name, {});
  }
}

const count = new pulumi.Config().requireNumber("replicas");
for (let index = 0; index < count; index++) new Empty(`empty-${index}`);
