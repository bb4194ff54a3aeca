import type { Application, Service } from "../../provider/core/application";
import { startOrder } from "../../provider/core/start-order";

function application(
  services: Record<string, { links?: string[]; dependsOn?: string[] }>,
): Application {
  const entries = Object.entries(services).map(
    ([name, { links = [], dependsOn = [] }]): [string, Service] => [
      name,
      {
        name,
        container: { image: "x" },
        environment: {},
        links: links.map((service) => ({ service, alias: service })),
        dependsOn: dependsOn.map((service) => ({ service, condition: "started" as const })),
        scale: 1,
      },
    ],
  );
  return { services: Object.fromEntries(entries), volumes: {} };
}

describe("startOrder", () => {
  it("starts what a service links to or depends on before it", () => {
    const steps = startOrder(
      application({ web: { links: ["redis"], dependsOn: ["auth"] }, redis: {}, auth: {} }),
    );
    expect(steps).toEqual([
      { name: "auth", after: [] },
      { name: "redis", after: [] },
      { name: "web", after: ["auth", "redis"] },
    ]);
  });

  it("does not depend on the order in the file", () => {
    const one = startOrder(application({ a: { links: ["b"] }, b: {}, c: { links: ["a"] } }));
    const other = startOrder(application({ c: { links: ["a"] }, b: {}, a: { links: ["b"] } }));
    expect(other).toEqual(one);
  });

  it("lets links form a circle: the one that closes it is no order", () => {
    const steps = startOrder(application({ a: { links: ["b"] }, b: { links: ["a"] } }));
    expect(steps).toEqual([
      { name: "b", after: [] },
      { name: "a", after: ["b"] },
    ]);
  });
});
