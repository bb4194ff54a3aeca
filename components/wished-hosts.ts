import { all, isSecret, log, output, runtime, secret, unsecret } from "@pulumi/pulumi";
import type { Input, Output } from "@pulumi/pulumi";
import type { Service } from "../provider/core/application";
import {
  reservationOf,
  type PlacedDeployment,
  type WishedDeployment,
} from "../provider/core/placement/place-deployment";
import { keyIn, readWishes, unknownServices } from "../provider/core/placement/read-wishes";
import type { Placements } from "../provider/core/placement/suggest-hosts";
import type { Reservation } from "../provider/core/placement/wish";
import { formerNames } from "../provider/core/replica/formerly";
import { mistake } from "../provider/resources/mistake";
import type { Unplaced } from "./deployment-hosts";
import type { Deploying } from "./deployment-parts";
import { isPlain } from "./known";

/** What placement says of a replica, beside where it goes. */
export interface PlacedArgs {
  readonly reserves: Input<Reservation | undefined>;
  readonly rebalance?: Input<string | undefined>;
  readonly leastBusy: Input<string | undefined>;
  readonly estimate?: Input<boolean | undefined>;
}

export interface WishedHosts {
  readonly wishes: Output<WishedDeployment["wishes"]>;
  /** What the program says of it is a secret. */
  readonly secret: Output<boolean>;
  readonly placed: Output<PlacedDeployment>;
}

/** Where the replicas go of a deployment that says how; undefined where nothing is said of it. */
export function wishedHosts(
  of: Deploying,
  replicas: readonly Unplaced[],
  fixed: ReadonlyMap<string, Input<string | undefined>>,
): WishedHosts | undefined {
  const { deployment, args, loaded, internals } = of;
  const { services } = loaded.application;
  const { place, rebalance = false } = args;
  const isAsked = place !== undefined || rebalance !== false;
  if (!isAsked && Object.values(services).every((each) => each.place === undefined))
    return undefined;
  const refuse = (problems: readonly string[]) => {
    if (problems.length === 0) return;
    throw mistake(problems.map((problem) => `Deployment '${deployment}': ${problem}`).join("\n"));
  };
  if (place !== undefined && isPlain(place)) refuse(unknownServices(services, place));
  const given: Output<unknown> = output(place);
  const hidden = output(isSecret(given));
  const wishes = all([unsecret(given), hidden]).apply(([value, isHidden]) => {
    const read = readWishes(services, value, isHidden);
    refuse(read.problems);
    return read.wishes;
  });
  const bound =
    rebalance === true ? 1 : rebalance === false ? undefined : (rebalance.movesPerHost ?? 1);
  if (bound !== undefined && !(Number.isInteger(bound) && bound > 0))
    refuse([`rebalance.movesPerHost: ${bound} is no number of moves.`]);
  const wished = wishes.apply((each) => ({
    ...{ deployment, wishes: each, replicas: wishedReplicas(of, replicas, fixed) },
    ...(bound === undefined ? {} : { rebalance: bound }),
  }));
  const placed = internals.placement.place(wished).apply((each) => {
    tellOfLater(of, each);
    return each;
  });
  return { wishes, secret: hidden, placed };
}

function tellOfLater({ deployment, parent }: Deploying, { later, moves }: PlacedDeployment): void {
  if (later === 0) return;
  const now = Object.keys(moves).length;
  void log.info(
    `Deployment '${deployment}': rebalance: ${now} replicas move in this \`up\`, and moves for ${later} more are left to the next, ` +
      "as a host takes part in no more (`movesPerHost`).",
    parent,
  );
}

function wishedReplicas(
  { deployment, args, loaded }: Deploying,
  replicas: readonly Unplaced[],
  fixed: ReadonlyMap<string, Input<string | undefined>>,
): WishedDeployment["replicas"] {
  const former = formerNames(args.formerly, deployment);
  return replicas.map(({ key, volumes }) => {
    const [, name = "", index = "0"] = /^(.*)-(\d+)$/.exec(key) ?? [];
    const service = loaded.application.services[name] as Service;
    const host = fixed.get(key);
    return {
      ...{ key, service: name, index: Number(index), volumes },
      id: keyIn(deployment, service, Number(index)),
      former: former.map((each) => keyIn(each, service, Number(index))),
      fixed: host !== undefined,
      ...(typeof host === "string" ? { host } : {}),
    };
  });
}

/** Whose host an output brings has the suggestion that any replica has, should it bring none. */
export const withWishes = (suggested: Output<Placements>, { placed }: WishedHosts) =>
  suggested.apply((each) => placed.apply(({ hosts }): Placements => ({ ...each, ...hosts })));

/** For one replica; nothing where the deployment says nothing. */
export function placedArgs(
  { args, internals }: Deploying,
  service: Service,
  key: string,
  wished: WishedHosts | undefined,
): { placed?: PlacedArgs } {
  if (wished === undefined) return {};
  const { placed, wishes } = wished;
  const reserves = all([wishes, wished.secret]).apply(([each, hidden]) => {
    const reserved = reservedBeside(service, reservationOf(each[service.name]));
    return hidden && reserved !== undefined ? secret(reserved) : output(reserved);
  });
  const preview = runtime.isDryRun() ? { tell: true } : {};
  const leastBusy = placed.apply(({ choices }): string | undefined => {
    const choice = choices[key];
    if (choice === undefined) return undefined;
    return JSON.stringify({ cluster: internals.name, ...choice, ...preview });
  });
  const rebalance = placed.apply(({ moves }): string | undefined => moves[key]);
  const moving =
    args.rebalance === undefined || args.rebalance === false
      ? {}
      : { rebalance, ...costOf(args.estimate, rebalance) };
  return { placed: { reserves, leastBusy, ...moving } };
}

/** A preview says what a move has to copy. */
function costOf(estimate: Input<boolean> | undefined, rebalance: Output<string | undefined>) {
  if (!runtime.isDryRun()) return {};
  const asked = all([output(estimate), rebalance]).apply(([wanted, reason]) =>
    wanted === true || reason !== undefined ? true : undefined,
  );
  return { estimate: asked as Output<boolean | undefined> };
}

/** What its container reserves stands in state already. */
function reservedBeside(service: Service, { cpus, memory }: Reservation): Reservation | undefined {
  const isThere = memory === undefined || memory === service.container.memoryReservationBytes;
  const beside = { ...(cpus === undefined ? {} : { cpus }), ...(isThere ? {} : { memory }) };
  return Object.keys(beside).length === 0 ? undefined : beside;
}
