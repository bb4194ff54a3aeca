import type { ContainerSpec } from "../../provider/core/container-spec";
import type { ReplicaInputs, ReplicaState } from "../../provider/core/replica/model";
import { replicaHandler } from "../../provider/handlers/replica";
import type { JoinedHosts } from "./joined-hosts";

const WEB = "lab/test/web/page/0";
export const WEB_IP = "10.40.76.2";

/**
 * One web server without a volume, on the hosts of a test, through the handlers that Pulumi calls.
 */
export class MovingWeb {
  readonly replica;
  state!: ReplicaState;

  constructor(private readonly hosts: JoinedHosts) {
    this.replica = replicaHandler(hosts.context);
  }

  async create(host: string, spec: Partial<ContainerSpec>): Promise<void> {
    this.state = (await this.replica.create(this.inputs(host, spec))).outs;
  }

  /** Resolves with what was told meanwhile. */
  async moveTo(host: string, spec: Partial<ContainerSpec>): Promise<string> {
    const before = this.hosts.reported.length;
    this.state = await this.replica.update(WEB, this.state, this.inputs(host, spec));
    return this.hosts.reported.slice(before).join("\n");
  }

  async delete(): Promise<void> {
    await this.replica.delete(WEB, this.state);
  }

  /** "node1 10.40.76.2/24", for each host on which it runs. */
  async running(): Promise<string[]> {
    const look =
      `for c in $(docker ps -q --filter label=pulumi-ferry.replica=${WEB}); do ` +
      "docker exec $c ip -4 -o addr show ethwe | awk '{ print $4 }'; done";
    const found = await Promise.all(
      this.hosts.names.map(async (name) => {
        const addresses = (await this.hosts.run(name, look)).trim();
        return addresses === "" ? [] : addresses.split("\n").map((each) => `${name} ${each}`);
      }),
    );
    return found.flat();
  }

  /** The first process of its container, in its own words. */
  async firstProcess(host: string): Promise<string> {
    return this.hosts.run(host, "docker exec web-page-0 cat /proc/1/cmdline | tr '\\0' ' '");
  }

  /** What a client on a third host is answered; a restart takes its time. */
  ask(): Promise<string> {
    return this.hosts.run(
      "node3",
      "docker -H unix:///var/run/weave/weave.sock run --rm -e WEAVE_CIDR=10.40.76.9/24 ferry-demo/node:18 " +
        `-e 'const ask = (left) => fetch("http://${WEB_IP}/page").then((a) => a.text()).catch((e) => { ` +
        "if (left === 0) throw e; return new Promise((r) => setTimeout(r, 500)).then(() => ask(left - 1)); }); " +
        "ask(20).then((a) => process.stdout.write(a))'",
    );
  }

  private inputs(host: string, spec: Partial<ContainerSpec>) {
    const program: ReplicaInputs = {
      project: "lab",
      stack: "test",
      deployment: "web",
      service: "page",
      index: 0,
      host,
      suggestedHost: "node3",
      spec: {
        image: "ferry-demo/box:1",
        command: ["/bin/sh", "-c", "echo served >/page; exec /bin/httpd -f -p 80 -h /"],
        restart: { name: "always" },
        // As the first process of a container it takes no notice of SIGTERM.
        stopTimeoutSeconds: 1,
        ...spec,
      },
      environment: {},
      volumes: {},
      ip: WEB_IP,
      subnet: "10.40.76.0/24",
      dnsDomain: "weave.local",
      connections: this.hosts.connections,
      healthTimeoutSeconds: 30,
    };
    const { inputs, problems } = this.replica.check({}, { ...program });
    expect(problems).toEqual([]);
    return inputs;
  }
}
