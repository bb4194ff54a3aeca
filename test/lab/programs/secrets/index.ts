import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

interface Scene {
  /** Where the replicas run. */
  host: string;
  /** Another one makes another key, which a preview does not know. */
  keyNo: number;
  /** What goes into the command, beside its mark. */
  word: string;
  /** Nothing of the replica is secret any more. */
  plain?: boolean;
  /** A mistake: "password", "dns", "hook". */
  mistake?: string;
}

const config = new pulumi.Config();
const scene = config.requireObject<Scene>("scene");
const marks = config.requireSecretObject<Record<string, string>>("marks");
const addresses = config.requireObject<Record<string, Record<string, unknown>>>("addresses");
const mark = (name: string) => marks.apply((each) => each[name] ?? "");
const replicas = (name: string): pulumi.Input<string> =>
  scene.plain === true ? "plain" : mark(name);

interface Made {
  n: number;
  text: string;
}

/**
 * As a resource that makes keys does: its output is secret, and unknown while another one is being
 * made.
 */
class Key extends pulumi.dynamic.Resource {
  declare readonly pem: pulumi.Output<string>;
  constructor(n: number, text: pulumi.Input<string>) {
    super(
      {
        diff: (_id, olds: Made, news: Made) =>
          Promise.resolve({ replaces: olds.n === news.n ? [] : ["n"] }),
        create: ({ n, text }: Made) =>
          Promise.resolve({ id: `key ${n}`, outs: { n, text, pem: text } }),
      },
      "key",
      { n, text, pem: undefined },
      { additionalSecretOutputs: ["pem"] },
    );
  }
}
const key = new Key(scene.keyNo, mark("privateKey"));

const hosts = Object.fromEntries(
  Object.entries(addresses).map(([name, own]) => [
    name,
    {
      ...own,
      privateKey: key.pem,
      ...(own["realHost"] === true
        ? {}
        : {
            privateKeyPassword: mark("passphrase"),
            password: mark("password"),
            proxy: {
              host: "10.9.9.9",
              hostKey: "ssh-ed25519 BBBB",
              privateKey: mark("proxyKey"),
              privateKeyPassword: mark("proxyPassphrase"),
              password: mark("proxyPassword"),
            },
          }),
    },
  ]),
) as unknown as Record<string, ferry.HostArgs>;

const cluster = new ferry.WeaveCluster("net", {
  hosts,
  password: mark(scene.mistake === "password" ? "short" : "weave"),
  ...(scene.mistake === "dns" ? { dnsEntries: { "printer.weave.local": mark("dns") } } : {}),
});

const hook = config.get("hook") ?? "flush";

const compose = `
services:
  db:
    image: "${config.get("image") ?? "redis:7"}"
    command: ["--save", "", "--appendonly", "yes", "--requirepass", "\${COMMAND}"]
    healthcheck: { test: ["CMD-SHELL", "test -n '\${HEALTH}'"], interval: 1s }
    labels: { token: "\${LABEL}", word: "${scene.word}" }
    environment: { FROM_VARIABLE: "\${VARIABLE}" }
    volumes: ["data:/data"]
volumes:
  data: { labels: { token: "\${VOLUME}" } }
`;

new ferry.Deployment("apples", {
  cluster,
  compose,
  hosts: { db: scene.host },
  healthTimeoutSeconds: 20,
  deleteData: true,
  variables: {
    COMMAND: replicas("command"),
    HEALTH: replicas("health"),
    LABEL: replicas("label"),
    VARIABLE: replicas("variable"),
    VOLUME: mark("volumeLabel"),
  },
  environment: { db: { GIVEN: replicas("environment") } },
  quiesce: {
    db: pulumi.output(replicas("quiesce")).apply((text) => [hook, text]),
  },
  resume: {
    db: {
      command: [hook, replicas("resume")],
      seconds: scene.mistake === "hook" ? -1 : 5,
    } as never,
  },
});
