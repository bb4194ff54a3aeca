import { isDeepStrictEqual } from "util";
import type { dynamic } from "@pulumi/pulumi";
import { withClusterHosts } from "../core/cluster-hosts";
import { FerryError, type InputProblem } from "../core/errors";
import { unpacked } from "../core/packed";
import { isUnknown } from "../core/unknown";
import { calling } from "./abandoned";
import { PartialStateError, type Handler, type Props } from "./handler";
import { knownSecrets, type KnownSecrets } from "./known-secrets";
import { Sealed, withoutWord } from "./sealed";
import { pinToKeys, keysFound, keysOf, pinsAnother, withoutKeys } from "./trusted-keys";

/**
 * The methods that the thin provider (provider/thin.ts) takes over: Pulumi's dynamic-provider API
 * around a handler.
 */
export type DynamicMethods = Required<
  Pick<dynamic.ResourceProvider, "check" | "diff" | "create" | "read" | "update" | "delete">
>;

/**
 * The engine compares old and new inputs itself (`diff` says nothing of changes, but that another
 * key is pinned), because only then does it show the detail; so whatever must not count as a change
 * is normalised away in `check`.
 */
export function dynamicMethods<I extends object, S extends object>(
  handler: Handler<I, S>,
  known: KnownSecrets = knownSecrets,
): DynamicMethods {
  const sealed = new Sealed(handler, known);
  const inUserTerms = <T>(call: () => Promise<T>, whole?: (outs: object) => Props) =>
    calling(call).catch((error: unknown) => {
      throw asPulumiError(error, known, whole);
    });
  return {
    async check(olds: Props, given: Props) {
      const said = withClusterHosts(unpacked(given));
      return inUserTerms(async () => {
        sealed.checking(olds, said);
        const news = {
          ...said,
          ...(await handler.beforeCheck?.(own(olds) as Partial<I>, own(said))),
        };
        const { inputs, problems } = handler.check(own(olds) as Partial<I>, own(news));
        if (problems.length === 0) {
          await handler.foretell?.(own(olds) as Partial<I>, inputs, own(news));
        }
        const failures = problems.map((problem) =>
          failure(sealed.reported(inWords(problem), news)),
        );
        return { inputs: sealed.checked(inputs, news), failures };
      });
    },
    diff(_id, olds: Props, news: Props) {
      handler.meets?.(own(olds) as Partial<S>, own(news) as I);
      const renamed = handler.renames?.(own(olds) as I, own(news) as I) ?? [];
      const replaces = (handler.replaces ?? []).filter(
        (key) =>
          key in olds &&
          !renamed.includes(key) &&
          !isUnknown(news[key]) &&
          !isDeepStrictEqual(olds[key], news[key]),
      );
      return Promise.resolve({
        replaces,
        deleteBeforeReplace: handler.deleteBeforeReplace ?? false,
        ...(handler.isSame?.(own(news) as I) === true && { changes: false }),
        ...(pinsAnother(olds) && { changes: true }),
      });
    },
    async create(inputs: Props) {
      const made = (outs: object) => ({ ...sealed.made(outs, inputs), ...keysOf(outs) });
      return inUserTerms(
        async () => {
          sealed.meeting(inputs);
          const { id, outs } = await handler.create(own(inputs) as I);
          return { id, outs: made(outs) };
        },
        // Without what was received, `__provider` would be missing from state and the resource
        // could never be deleted.
        (outs) => made({ ...inputs, ...outs }),
      );
    },
    async read(id, props: Props = {}) {
      return inUserTerms(async () => {
        sealed.meeting(props);
        pinToKeys(props);
        const found = await handler.read(id, own(props) as S);
        // An empty id tells the engine that it is gone.
        if (found === undefined) return { id: "", props: {} };
        return {
          id,
          props: { ...sealed.found(found.outs, props), ...keysFound(found.outs, props) },
          ...(found.inputs === undefined
            ? {}
            : { inputs: sealed.foundInputs(found.inputs, props) }),
        };
      });
    },
    async update(id, olds: Props, news: Props) {
      pinToKeys(olds);
      return inUserTerms(
        async () => {
          sealed.meeting(olds, news);
          const outs = await handler.update(id, own(olds) as S, own(news) as I);
          return { outs: { ...sealed.made(outs, news), ...keysOf(outs) } };
        },
        (outs) => ({
          ...sealed.made({ ...news, ...outs }, news, olds),
          ...keysOf({ ...news, ...outs }),
        }),
      );
    },
    async delete(id, props: Props) {
      pinToKeys(props);
      return inUserTerms(() => {
        sealed.meeting(props);
        return handler.delete(id, own(props) as S);
      });
    },
  };
}

/**
 * The engine prints the value of a property that a failure names, and what it is asked to check it
 * has not encrypted yet. So none is named to it: where it is stands in the words.
 */
const failure = (reason: string) => ({ property: "", reason });

const inWords = ({ property, reason }: InputProblem) =>
  property === "" ? reason : `${property}: ${reason}`;

/** What the handler is given: what belongs to the SDK, or to secrecy, is none of its business. */
function own(props: Props): Props {
  const { __provider: _, ...rest } = withoutKeys(withoutWord(props));
  return rest;
}

/**
 * The SDK prints `${error}: ${error.stack}` for some calls and `error.message` for others. A user's
 * mistake shows its message either way, and never a stack; a fault of ours keeps its stack, which
 * is what a report needs. `whole` makes state of half-made outputs.
 */
function asPulumiError(
  error: unknown,
  known: KnownSecrets,
  whole: ((outs: object) => Props) | undefined,
): unknown {
  if (error instanceof PartialStateError) {
    const message = known.hide(error.message);
    return Object.assign(quiet(message), {
      id: error.id,
      properties: whole?.(error.outs) ?? error.outs,
      reasons: [message],
    });
  }
  if (error instanceof FerryError) return quiet(known.hide(error.message));
  return error instanceof Error ? loud(error, known) : known.hide(String(error));
}

function quiet(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  error.toString = () => "Ferry";
  return error;
}

/** With its stack, and nothing else of what it may carry. */
function loud(fault: Error, known: KnownSecrets): Error {
  const error = new Error(known.hide(fault.message));
  error.name = fault.name;
  error.stack = known.hide(fault.stack ?? fault.message);
  return error;
}
