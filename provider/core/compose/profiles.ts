import { interpolate, type Variables } from "./interpolate";
import type { Place } from "./problems";
import { isMapping, isSequence, type Mapping, type Node } from "./yaml";

/** The profiles of a service that has some; no message yet, as its key is read like any other. */
function profilesOf(service: Node, variables: Variables): string[] {
  const named = isMapping(service) ? (service.get("profiles") ?? null) : null;
  if (!isSequence(named)) return [];
  return named.flatMap((each) => {
    const read = typeof each === "string" ? interpolate(each, variables) : undefined;
    return read !== undefined && "text" in read ? [read.text] : [];
  });
}

/** The services that run: those without a profile, and those with one that is on. */
export function chosenServices(
  services: Mapping,
  on: readonly string[],
  variables: Variables,
  top: Place,
): Mapping {
  const known = new Set<string>();
  const chosen = new Map<string, Node>();
  for (const [name, service] of services) {
    const profiles = profilesOf(service, variables);
    profiles.forEach((profile) => known.add(profile));
    if (profiles.length === 0 || on.includes("*") || profiles.some((each) => on.includes(each)))
      chosen.set(name, service);
  }
  for (const profile of on)
    if (profile !== "*" && !known.has(profile))
      top.warn(`profiles: no service has the profile '${profile}'.`);
  return chosen;
}
