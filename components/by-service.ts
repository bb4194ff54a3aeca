import { all, isSecret, output, secret, unsecret, type Input } from "@pulumi/pulumi";
import type { HookInput } from "../provider/core/replica/move-settings";
import type { DeploymentArgs } from "./deployment-args";
import { isPlain, known } from "./known";

/** What a program gives by service: where the whole is an output, each service's is one. */
export interface ByService {
  readonly hosts: Each<string | Input<string>[]>;
  readonly ips: Each<string | Input<string>[]>;
  readonly environment: Each<Record<string, Input<string>>>;
  readonly onSourceLost: Each<string>;
  readonly quiesce: Each<HookInput>;
  readonly resume: Each<HookInput>;
  /** Whether its environment is kept secret as a whole. */
  readonly secretEnvironment: Each<boolean>;
}

/** Only services that something is said of. */
type Each<T> = Readonly<Record<string, Input<T | undefined>>>;

/** Some of what is given by service, as far as it is there. */
export interface GivenByService extends Partial<
  Record<Exclude<keyof ByService, "secretEnvironment">, Readonly<Record<string, unknown>>>
> {
  readonly secretEnvironment?: readonly string[];
}

/** Where somebody runs and what may be lost is no secret, wherever it is kept. */
const KEPT_SECRET: readonly (keyof ByService)[] = ["environment", "quiesce", "resume"];

/** Looks for mistakes, before anything follows from what it looks at. @throws RunError */
export interface Refuse {
  /** At all that is plain. */
  atOnce(given: GivenByService): void;
  /** At what an output has brought. */
  late(given: GivenByService): void;
}

export function byService(
  services: readonly string[],
  args: DeploymentArgs,
  refuse: Refuse,
): ByService {
  const { hosts, ips, environment, quiesce, resume, onSourceLost, secretEnvironment } = args;
  refuse.atOnce({
    ...named({ hosts, ips, environment, quiesce, resume, onSourceLost }),
    ...(isPlain(secretEnvironment) && Array.isArray(secretEnvironment)
      ? { secretEnvironment }
      : {}),
  });

  /** `whole` is for all services, where it is no record. */
  function spread<T>(
    property: Exclude<keyof ByService, "secretEnvironment">,
    whole: Input<Record<string, Input<T>> | T> | undefined,
  ): Each<T> {
    const given = known(whole);
    if ("now" in given) return ofEach((service) => ofService<T>(given.now, service));
    const looked = unsecret(given.later).apply((box) => {
      refuse.late(named({ [property]: box() }));
      return box;
    });
    // What is not there is no secret: it would be a value.
    const keep = KEPT_SECRET.includes(property) ? output(isSecret(given.later)) : false;
    return ofEach((service) =>
      all([looked, keep]).apply(([box, hidden]) => {
        const value = ofService<T>(box(), service);
        return (value !== undefined && hidden ? secret(value) : value) as Input<T | undefined>;
      }),
    ) as Each<T>;
  }

  function secretly(): Each<boolean> {
    const kept = (given: boolean | string[] | undefined, service: string) =>
      Array.isArray(given) ? given.includes(service) : given;
    if (isPlain(secretEnvironment)) return ofEach((service) => kept(secretEnvironment, service));
    const looked = output(secretEnvironment).apply((given) => {
      if (Array.isArray(given)) refuse.late({ secretEnvironment: given });
      return given;
    });
    return ofEach((service) => looked.apply((given) => kept(given, service)));
  }

  function ofEach<T>(value: (service: string) => T | undefined): Record<string, T> {
    const each = Object.create(null) as Record<string, T>;
    for (const service of services) {
      const given = value(service);
      if (given !== undefined) each[service] = given;
    }
    return each;
  }

  return {
    hosts: spread("hosts", hosts),
    ips: spread("ips", ips),
    environment: spread("environment", environment),
    onSourceLost: spread<string>("onSourceLost", onSourceLost),
    quiesce: spread("quiesce", quiesce),
    resume: spread("resume", resume),
    secretEnvironment: secretly(),
  };
}

const isRecord = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && isPlain(given);

/** Those that name services, as far as they are there. */
const named = (given: Readonly<Record<string, unknown>>): GivenByService =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => isRecord(value)));

function ofService<T>(whole: unknown, service: string): Input<T> | undefined {
  if (!isRecord(whole)) return whole as T | undefined;
  return Object.hasOwn(whole, service) ? (whole[service] as Input<T>) : undefined;
}
