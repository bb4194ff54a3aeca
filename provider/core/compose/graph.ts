import type { ServiceDraft } from "./draft";

/**
 * Tells of `depends_on` that goes in a circle, and of waiting for the health of a service whose
 * check is off.
 */
export function checkDependencies(drafts: readonly ServiceDraft[]): void {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  for (const draft of drafts)
    for (const { value, at } of draft.dependsOn)
      if (
        value.condition === "healthy" &&
        byName.get(value.service)?.container.healthcheck?.test[0] === "NONE"
      )
        at.problem(`waits for the health of '${value.service}', whose check is off. Turn it on.`);
  const circle = findCircle(byName);
  if (circle !== undefined)
    circle.at.problem(
      `goes in a circle: ${circle.names.join(" -> ")}. Remove one of them; a link may stay.`,
    );
}

interface Circle {
  readonly at: ServiceDraft["at"];
  readonly names: readonly string[];
}

/** The same one whatever the order of the services. */
function findCircle(byName: ReadonlyMap<string, ServiceDraft>): Circle | undefined {
  const waiting = new Map(
    [...byName].map(([name, draft]) => [
      name,
      draft.dependsOn.map(({ value }) => value.service).filter((other) => byName.has(other)),
    ]),
  );
  // Whoever waits for nobody can start; who is left at the end waits for somebody in a circle.
  const dependants = new Map<string, string[]>();
  for (const [name, others] of waiting)
    for (const other of others) dependants.set(other, [...(dependants.get(other) ?? []), name]);
  const open = new Map([...waiting].map(([name, others]) => [name, others.length]));
  const ready = [...open].filter(([, count]) => count === 0).map(([name]) => name);
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    open.delete(name);
    for (const dependant of dependants.get(name) ?? []) {
      const left = (open.get(dependant) ?? 0) - 1;
      open.set(dependant, left);
      if (left === 0) ready.push(dependant);
    }
  }
  if (open.size === 0) return undefined;
  const next = (name: string) =>
    waiting
      .get(name)
      ?.filter((other) => open.has(other))
      .sort()[0];
  const path: string[] = [];
  for (let name = [...open.keys()].sort()[0]; name !== undefined; name = next(name)) {
    const start = path.indexOf(name);
    if (start >= 0) {
      const members = path.slice(start);
      const first = members.indexOf([...members].sort()[0] ?? "");
      const names = [...members.slice(first), ...members.slice(0, first)];
      const draft = byName.get(names[0] ?? "");
      return draft && { at: draft.at.key("depends_on"), names: [...names, names[0] ?? ""] };
    }
    path.push(name);
  }
  return undefined;
}
