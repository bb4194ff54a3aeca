import { output, type Input, type Output } from "@pulumi/pulumi";
import type { HookInput } from "../provider/core/replica/move-settings";
import type { DeploymentArgs } from "./deployment-args";
import { isPlain } from "./known";

/** What a program gives by service: where the whole is an output, each service's is one. */
export interface ByService {
  readonly hosts: Each<string | Input<string>[]>;
  readonly ips: Each<string | Input<string>[]>;
  readonly environment: Each<Record<string, Input<string>>>;
  readonly onSourceLost: Each<string>;
  readonly quiesce: Each<HookInput>;
  readonly resume: Each<HookInput>;
}

type Each<T> = Readonly<Record<string, Input<T | undefined>>>;

/** Some of what is given by service, as far as it is there. */
export type GivenByService = Partial<Record<keyof ByService, Readonly<Record<string, unknown>>>>;

/**
 * `refuse` looks at what is plain now, and at what an output brings as soon as it is there, before
 * anything that follows from it.
 */
export function byService(
  services: readonly string[],
  args: DeploymentArgs,
  refuse: (given: GivenByService) => void,
): ByService {
  const plain: GivenByService = {};

  function spread<T>(
    property: keyof ByService,
    given: Input<Record<string, Input<T>>> | undefined,
  ): Each<T> {
    if (given === undefined) return {};
    if (isPlain(given)) {
      plain[property] = given;
      return given;
    }
    const looked = output(given).apply((whole) => {
      refuse({ [property]: whole });
      return whole as Record<string, Input<T>>;
    });
    return ofEach((service) => looked.apply((whole) => whole[service]) as Output<T | undefined>);
  }

  /** One word is one for each service. */
  function losses(given: NonNullable<DeploymentArgs["onSourceLost"]>): Each<string> {
    if (typeof given === "string") return ofEach(() => given);
    if (isPlain(given)) return spread("onSourceLost", given);
    const whole = output(given).apply((word) =>
      typeof word === "string" ? ofEach(() => word) : word,
    );
    return spread("onSourceLost", whole);
  }

  function ofEach<T>(value: (service: string) => T): Record<string, T> {
    return Object.fromEntries(services.map((service) => [service, value(service)]));
  }

  const settled: ByService = {
    hosts: spread("hosts", args.hosts),
    ips: spread("ips", args.ips),
    environment: spread("environment", args.environment),
    onSourceLost: args.onSourceLost === undefined ? {} : losses(args.onSourceLost),
    quiesce: spread("quiesce", args.quiesce),
    resume: spread("resume", args.resume),
  };
  refuse(plain);
  return settled;
}
