import type { PortBinding } from "../../core/container-spec";
import type { InputProblem } from "../../core/errors";
import { sharesAddress } from "../../core/port-binding";

/** A replica with the ports that it is to publish where it will be. */
export interface Publisher {
  readonly id: string;
  /** As messages call it. */
  readonly label: string;
  /** The host's name, and the place that it stands for. */
  readonly host: string;
  readonly place: string;
  readonly ports: readonly PortBinding[];
  /** Where the program says them. @default a replica's */
  readonly property?: string;
}

interface Taken {
  readonly label: string;
  readonly bindings: readonly PortBinding[];
}

/**
 * Who publishes what in this run, as far as `check` has told. Docker gives a host's port to one
 * container only, and says so when all the others of an `up` are already done.
 */
export class PublishedPorts {
  /** By place and port, and then by who publishes it. */
  readonly #taken = new Map<string, Map<string, Taken>>();
  readonly #portsOf = new Map<string, string[]>();

  /** Notes it in place of what was known of it, and says with whom it cannot be on one host. */
  problems({ id, label, host, place, ports, property }: Publisher): InputProblem[] {
    this.#forget(id);
    const problems: InputProblem[] = [];
    for (const binding of ports) {
      if (binding.hostPort === undefined) continue;
      const port = `${place} ${binding.hostPort}/${binding.protocol}`;
      const taken = this.#takenAt(port);
      const other = [...taken].find(
        ([by, { bindings }]) => by !== id && bindings.some((each) => sharesAddress(each, binding)),
      );
      if (other !== undefined) problems.push(refusal(binding, host, other[1].label, property));
      const own = taken.get(id)?.bindings ?? [];
      taken.set(id, { label, bindings: [...own, binding] });
      this.#portsOf.set(id, [...(this.#portsOf.get(id) ?? []), port]);
    }
    return problems;
  }

  #takenAt(port: string): Map<string, Taken> {
    const taken = this.#taken.get(port) ?? new Map<string, Taken>();
    this.#taken.set(port, taken);
    return taken;
  }

  #forget(id: string): void {
    for (const port of this.#portsOf.get(id) ?? []) this.#taken.get(port)?.delete(id);
    this.#portsOf.delete(id);
  }
}

function refusal(
  { hostPort, protocol }: PortBinding,
  host: string,
  other: string,
  property = "spec.ports",
): InputProblem {
  return {
    property,
    reason:
      `port ${String(hostPort)}/${protocol} of host '${host}' is published by ${other} as well, and only one container can ` +
      "have it. Give one of the two another port or another host.",
  };
}

/** Of ports as `docker create -p` takes them: "127.0.0.1:8080:10001/tcp". */
export function bindingsOf(published: readonly string[]): PortBinding[] {
  return published.map((written) => {
    const parts = written.replace(/\/tcp$/, "").split(":");
    const containerPort = Number(parts.pop());
    const hostPort = Number(parts.pop());
    const hostIp = parts.join(":").replace(/^\[(.*)\]$/, "$1");
    return {
      ...{ containerPort, hostPort, protocol: "tcp" as const },
      ...(hostIp === "" ? {} : { hostIp }),
    };
  });
}
