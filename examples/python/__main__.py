"""Made ready by `npm install pulumi-ferry @pulumi/pulumi` and `pulumi package add ./node_modules/pulumi-ferry`."""

import pulumi
import pulumi_ferry as ferry

config = pulumi.Config()

# {"node1": {"host": "203.0.113.7", "hostKey": "ssh-ed25519 AAAA..."}, "node2": ...}
hosts = config.require_object("hosts")
private_key = config.require_secret("privateKey")

net = ferry.WeaveCluster(
    "net",
    hosts={
        name: ferry.HostArgs(
            host=host["host"],
            host_key=host["hostKey"],
            private_key=private_key,
        )
        for name, host in hosts.items()
    },
    password=config.require_secret("weavePassword"),
)

apples = ferry.Deployment(
    "apples",
    cluster=net.reference,
    compose="compose.yml",
    variables={"IMAGE": config.get("image") or "redis:7"},
    # Change it, `pulumi up`, and redis moves with its address, its name and its data.
    hosts={"redis": config.get("redisHost") or "node1"},
    delete_data=True,  # a demonstration leaves nothing behind; by default the data outlives its resource
)

pulumi.export("subnet", apples.subnet)
pulumi.export("addresses", apples.addresses)
pulumi.export("names", apples.dns_names)
pulumi.export("placement", apples.placement)
pulumi.export("status", net.status)
