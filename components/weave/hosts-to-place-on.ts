import {
  all,
  isSecret,
  output,
  unsecret,
  type Input,
  type Output,
  type Unwrap,
} from "@pulumi/pulumi";
import type { PlaceHost } from "../../provider/core/placement/occupancy";
import { readCpus, readMemory } from "../../provider/core/placement/read-wishes";
import { placeAmong } from "../../provider/core/replica/known-places";
import type { HostResource } from "../../provider/resources/host-resource";
import { mistake } from "../../provider/resources/mistake";
import { asFarAsKnown, isPlain, outputIn, PENDING, type Known } from "../known";
import type { HostsToPlaceOn } from "../placement";
import type { HostArgs } from "./host-args";
import { connectionsOf, drainingOf, namesOf, type Hosts } from "./known-hosts";

/** The hosts as the program has them, and as they were found. */
export function hostsToPlaceOn(
  who: string,
  hosts: Known<Hosts>,
  found: Known<ReadonlyMap<string, HostResource>>,
): HostsToPlaceOn {
  const draining = drainingOf(hosts);
  const said = outputIn(hosts, (each) =>
    all(Object.entries(each).map(([name, host]) => saidOf(who, name, host))),
  );
  return {
    names: outputIn(namesOf(hosts), (names) => [...names]),
    draining,
    facts: (withCapacities) =>
      all([said, draining]).apply(([each, leaving]) =>
        all(
          each
            .sort((a, b) => (a.name < b.name ? -1 : 1))
            .map(({ name, ...host }) => {
              const drained = leaving.includes(name) ? { draining: true as const } : {};
              const known = { name, ...host, ...drained };
              if (!withCapacities || (host.cpus !== undefined && host.memory !== undefined))
                return known;
              return capacityOf(found, name).apply((has) => ({ ...has, ...known }));
            }),
        ),
      ) as Output<readonly PlaceHost[]>,
    areThere: () =>
      outputIn(found, (each) =>
        all([...each.values()].map(({ dockerVersion }) => asFarAsKnown(dockerVersion))).apply(
          (versions) => versions.some((version: string | symbol) => version !== PENDING),
        ),
      ),
    here: (state) =>
      unsecret(connectionsOf(hosts)).apply((connections) =>
        state.filter(({ host, place }) => {
          const now = placeAmong(connections, host);
          return host in connections && (place === undefined || now === place);
        }),
      ),
  };
}

/** What was found; in state of versions before there is nothing of it. */
const capacityOf = (found: Known<ReadonlyMap<string, HostResource>>, name: string) =>
  outputIn(found, (each) => {
    const { cpus, memory } = each.get(name) as HostResource;
    return unsecret(all([cpus, memory])).apply(([ofCpus, ofMemory]) => ({
      ...(ofCpus === undefined ? {} : { cpus: ofCpus }),
      ...(ofMemory === undefined ? {} : { memory: ofMemory }),
    }));
  });

/** Labels are in no state; where they are secret, they are in no message either. */
function saidOf(who: string, name: string, host: Input<HostArgs>): Output<PlaceHost> {
  const { labels, cpus, memory } = isPlain(host) ? host : partsOf(output(host));
  const each = output(labels ?? {}) as Output<Record<string, string>>;
  return all([
    unsecret(each),
    output(isSecret(each)),
    unsecret(output(cpus)),
    unsecret(output(memory)),
  ]).apply(([given, secret, ofCpus, ofMemory]) => {
    const refuse = (property: string, reason: string) => {
      throw mistake(`${who}: hosts.${name}.${property}: ${reason}`);
    };
    const [cores, bytes] = [readCpus(ofCpus), readMemory(ofMemory)];
    if (ofCpus !== undefined && cores === undefined) refuse("cpus", "is a number above 0.");
    if (ofMemory !== undefined && bytes === undefined)
      refuse("memory", 'is a number of bytes, or a text such as "16g".');
    return {
      ...{ name, labels: given },
      ...(secret ? { secretLabels: true as const } : {}),
      ...(cores === undefined ? {} : { cpus: cores }),
      ...(bytes === undefined ? {} : { memory: bytes }),
    };
  });
}

const partsOf = (host: Output<Unwrap<HostArgs>>) => ({
  labels: host.apply((given) => given.labels ?? {}),
  cpus: host.apply((given) => given.cpus),
  memory: host.apply((given) => given.memory),
});
