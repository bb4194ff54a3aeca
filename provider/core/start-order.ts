import type { Application } from "./application";

/** A service, and the services that are started before it. */
export interface StartStep {
  readonly name: string;
  readonly after: readonly string[];
}

/**
 * Services in the order in which they are started: those that a service depends on or links to come
 * first, else by name. Links may form a circle, since names are looked up when they are used; the
 * link that closes it is then no order.
 */
export function startOrder(application: Application): StartStep[] {
  const steps: StartStep[] = [];
  const done = new Set<string>();
  const underWay = new Set<string>();
  const visit = (name: string) => {
    const service = application.services[name];
    if (service === undefined || done.has(name) || underWay.has(name)) return;
    underWay.add(name);
    const wanted = [...service.dependsOn, ...service.links].map((other) => other.service);
    for (const other of [...new Set(wanted)].sort()) visit(other);
    underWay.delete(name);
    // What is not done by now closes a circle.
    const after = [...new Set(wanted)].filter((other) => done.has(other)).sort();
    done.add(name);
    steps.push({ name, after });
  };
  for (const name of Object.keys(application.services).sort()) visit(name);
  return steps;
}
