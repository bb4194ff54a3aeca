import type { Place } from "./problems";
import { isUnset, textIn, type Written, type WrittenMapping } from "./written";
import { isMapping, isSequence } from "./yaml";

/** The profiles of a service that has some; no message yet, as its key is read like any other. */
function profilesOf(service: Written): string[] {
  const named = isMapping(service) ? (service.get("profiles") ?? null) : null;
  if (!isSequence(named)) return [];
  return named.flatMap((each) => (isUnset(each) ? [] : (textIn(each) ?? [])));
}

/** The services that run: those without a profile, and those with one that is on. */
export function chosenServices(
  services: WrittenMapping,
  on: readonly string[],
  top: Place,
): WrittenMapping {
  const known = new Set<string>();
  const chosen = new Map<string, Written>();
  for (const [name, service] of services) {
    const profiles = profilesOf(service);
    profiles.forEach((profile) => known.add(profile));
    if (profiles.length === 0 || on.includes("*") || profiles.some((each) => on.includes(each)))
      chosen.set(name, service);
  }
  for (const profile of on)
    if (profile !== "*" && !known.has(profile))
      top.warn(`profiles: no service has the profile '${profile}'.`);
  return chosen;
}
