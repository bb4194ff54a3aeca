import {
  all,
  asset,
  ComponentResource,
  output,
  secret,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import {
  commandConnection,
  type CommandConnection,
} from "../../provider/core/bootstrap/command-connection";
import {
  bootstrapMark,
  PROXY_FORMS,
  readBootstrap,
  type BootstrapSettings,
} from "../../provider/core/bootstrap/settings";
import {
  bootstrapCopies,
  bootstrapSteps,
  type BootstrapStep,
  type Proxies,
} from "../../provider/core/bootstrap/steps";
import type { Connection } from "../../provider/core/connection";
import { hostProgram } from "../../provider/on-host/load";
import { mistake } from "../../provider/resources/mistake";
import type { BootstrapArgs } from "./bootstrap-args";
import { packageFiles } from "../package-files";
import { commandPackage, type CommandPackage } from "../command-package";

interface HostToPrepare {
  readonly cluster: string;
  readonly host: string;
  readonly connection: Input<Connection>;
  readonly bootstrap: true | BootstrapArgs;
}

/**
 * One host's preparation, as resources of `@pulumi/command` that a preview shows one by one. Done
 * once: neither another release of Ferry nor another key or proxy prepares a host anew; other
 * settings do, by resources of other names. Files of the operator's are copied again when they
 * change, for the parts that are still to be done. Deleting them leaves the host as it is.
 */
export class HostBootstrap extends ComponentResource {
  /** What only looks, and what all others of all hosts wait for. */
  private readonly look: Resource;
  private readonly rest: (looks: readonly Resource[]) => void;

  private constructor(
    of: HostToPrepare,
    settings: BootstrapSettings,
    opts: ComponentResourceOptions,
  ) {
    const { cluster, host, bootstrap } = of;
    const mark = bootstrapMark(bootstrap);
    const named = (part: string) => [cluster, host, part, ...(mark === "" ? [] : [mark])].join("-");
    super("pulumi-ferry:index:HostBootstrap", named("bootstrap"), {}, opts);
    const remote = commandPackage();
    const connection = counterpart(of);
    const proxies = proxiesOf(of);
    const steps = bootstrapSteps(settings, hostProgram, filesOf(of, settings));
    const run = (step: BootstrapStep, after: readonly Resource[]) =>
      command(remote, named(step.part), step, { connection, proxies }, this, after);
    const [first, ...others] = steps as [BootstrapStep, ...BootstrapStep[]];
    this.look = run(first, []);
    this.rest = (looks) => {
      const copies = bootstrapCopies(settings).map(({ what, source, folder, target }) => {
        const given = folder ? new asset.FileArchive(source) : new asset.FileAsset(source);
        return new remote.CopyToRemote(
          named(what),
          { connection, source: given, remotePath: target },
          // A file that was put right has to reach the host, by the key that it takes now.
          { parent: this, dependsOn: [...looks] },
        );
      });
      others.reduce<Resource[]>((before, step) => [run(step, before)], [...looks, ...copies]);
      this.registerOutputs();
    };
  }

  /**
   * Prepares hosts, each beside the others; nothing is changed on any of them before all of them
   * were looked at.
   */
  static of(hosts: readonly HostToPrepare[], parent: Resource): HostBootstrap[] {
    const prepared = hosts.map((each) => new HostBootstrap(each, settingsOf(each), { parent }));
    const looks = prepared.map(({ look }) => look);
    for (const { rest } of prepared) rest(looks);
    return prepared;
  }
}

function command(
  remote: CommandPackage,
  name: string,
  step: BootstrapStep,
  by: { connection: Output<CommandConnection>; proxies: Output<Proxies> },
  parent: Resource,
  after: readonly Resource[],
): Resource {
  return new remote.Command(
    name,
    {
      connection: by.connection,
      create: step.command,
      stdin: by.proxies.apply((proxies) => step.stdin(proxies)),
      addPreviousOutputInEnv: false,
    },
    { parent, dependsOn: [...after], ignoreChanges: ["connection", "create", "stdin"] },
  );
}

function filesOf({ cluster, host }: HostToPrepare, { packages }: BootstrapSettings): string[] {
  if (packages === undefined) return [];
  try {
    return packageFiles(packages);
  } catch (error) {
    throw mistake(
      `WeaveCluster '${cluster}': hosts.${host}.bootstrap.packages cannot be read: ${(error as Error).message}.`,
    );
  }
}

function settingsOf({ cluster, host, bootstrap }: HostToPrepare): BootstrapSettings {
  const read = readBootstrap(bootstrap);
  if (!isProblems(read)) return read;
  const problems = read.map(
    ([path, reason]) => `WeaveCluster '${cluster}': hosts.${host}.${path} ${reason}.`,
  );
  throw mistake(problems.join("\n"));
}

const isProblems = (
  read: ReturnType<typeof readBootstrap>,
): read is Exclude<ReturnType<typeof readBootstrap>, BootstrapSettings> => Array.isArray(read);

/** A secret as a whole: it holds keys. */
function counterpart({ cluster, host, connection }: HostToPrepare): Output<CommandConnection> {
  return secret(output(connection)).apply((fields) => {
    const found = commandConnection(fields);
    if (typeof found !== "string") return found;
    throw mistake(
      `WeaveCluster '${cluster}': hosts.${host} cannot be prepared by @pulumi/command: ${found}. ` +
        "Or prepare it by other means and leave `bootstrap` out.",
    );
  });
}

function proxiesOf({ cluster, host, bootstrap }: HostToPrepare): Output<Proxies> {
  const { proxy, noProxy }: BootstrapArgs = bootstrap === true ? {} : bootstrap;
  // It may hold a password, whatever it came out of.
  const secretly = proxy === undefined ? undefined : secret(proxy);
  return all([secretly, noProxy]).apply(([given, passed]) => {
    for (const [name, value] of Object.entries({ proxy: given, noProxy: passed })) {
      if (value !== undefined && !PROXY_FORMS[name as keyof Proxies].test(value)) {
        throw mistake(
          `WeaveCluster '${cluster}': hosts.${host}.bootstrap.${name} is not of the form that it has to be ` +
            "(http://USER:PASSWORD@HOST:PORT with special characters as %40; a list of hosts and networks with commas).",
        );
      }
    }
    return {
      ...(given === undefined ? {} : { proxy: given }),
      ...(passed === undefined ? {} : { noProxy: passed }),
    };
  });
}
