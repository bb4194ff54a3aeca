import { labelOf, type Application, type Service } from "../provider/core/application";
import { mistake } from "../provider/resources/mistake";
import type { AdoptArgs, DeploymentArgs } from "./deployment-args";
import type { AdoptedContainer } from "./service-replica-args";

interface Adopting {
  readonly deployment: string;
  readonly args: Pick<DeploymentArgs, "adopt">;
  readonly loaded: { readonly application: Application };
}

/** The project whose containers and volumes are taken over; undefined when nothing is. */
export function adoptedProject({ deployment, args, loaded }: Adopting): string | undefined {
  const adopt = adoptArgs(args);
  return adopt && (adopt.project ?? loaded.application.name ?? deployment);
}

/** For one replica of a service. */
export function adoptedContainer(
  of: Adopting,
  service: Service,
  { index, replicas }: { readonly index: number; readonly replicas: number },
): { adopt?: AdoptedContainer } {
  const adopt = adoptArgs(of.args);
  const project = adoptedProject(of);
  if (adopt === undefined || project === undefined) return {};
  const host = adopt.host === undefined ? {} : { host: adopt.host };
  const given = [adopt.containers?.[service.name] ?? []].flat();
  if (given.length === 0) return { adopt: { project, service: service.name, replicas, ...host } };
  const container = given[index];
  return container === undefined ? {} : { adopt: { container, ...host } };
}

/** A name that is no service would be overlooked. */
export function requireKnownServices({ deployment, args, loaded }: Adopting): void {
  const { services } = loaded.application;
  const unknown = Object.keys(adoptArgs(args)?.containers ?? {}).find(
    (name) => !(name in services),
  );
  if (unknown === undefined) return;
  const known = Object.values(services).map(labelOf).join(", ");
  throw mistake(
    `Deployment '${deployment}': adopt.containers: the file has no service '${unknown}'. It has: ${known}.`,
  );
}

/** Where its replicas begin, when nobody names a host for them. */
export function adoptedHost({ args }: Pick<Adopting, "args">): string | undefined {
  return adoptArgs(args)?.host;
}

function adoptArgs({ adopt }: Adopting["args"]): AdoptArgs | undefined {
  if (adopt === undefined || adopt === false) return undefined;
  return adopt === true ? {} : adopt;
}
