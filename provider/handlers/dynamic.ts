import { isDeepStrictEqual } from "util";
import type { dynamic } from "@pulumi/pulumi";
import { FerryError } from "../core/errors";
import { isUnknown } from "../core/unknown";
import { calling } from "./abandoned";
import { PartialStateError, type Handler, type Props } from "./handler";

/** The methods that the thin provider (provider/thin.ts) takes over: Pulumi's dynamic-provider API around a handler. */
export type DynamicMethods = Required<
  Pick<dynamic.ResourceProvider, "check" | "diff" | "create" | "read" | "update" | "delete">
>;

/**
 * The engine compares old and new inputs itself (`diff` says nothing of changes), because only then does it show the
 * detail; so whatever must not count as a change is normalised away in `check`.
 */
export function dynamicMethods<I extends object, S extends object>(
  handler: Handler<I, S>,
): DynamicMethods {
  return {
    async check(olds: Props, news: Props) {
      return inUserTerms(async () => {
        const { inputs, problems } = handler.check(own(olds) as Partial<I>, own(news));
        if (problems.length === 0) {
          await handler.foretell?.(own(olds) as Partial<I>, inputs, own(news));
        }
        return { inputs: { ...inputs }, failures: problems };
      });
    },
    diff(_id, olds: Props, news: Props) {
      const replaces = (handler.replaces ?? []).filter(
        (key) => key in olds && !isUnknown(news[key]) && !isDeepStrictEqual(olds[key], news[key]),
      );
      return Promise.resolve({
        replaces,
        deleteBeforeReplace: handler.deleteBeforeReplace ?? false,
      });
    },
    async create(inputs: Props) {
      return inUserTerms(async () => {
        const { id, outs } = await handler.create(own(inputs) as I);
        return { id, outs };
      }, inputs);
    },
    async read(id, props: Props = {}) {
      return inUserTerms(async () => {
        const found = await handler.read(id, own(props) as S);
        // An empty id tells the engine that it is gone.
        if (found === undefined) return { id: "", props: {} };
        return {
          id,
          props: found.outs,
          ...(found.inputs === undefined ? {} : { inputs: found.inputs }),
        };
      });
    },
    async update(id, olds: Props, news: Props) {
      return inUserTerms(
        async () => ({
          outs: await handler.update(id, own(olds) as S, own(news) as I),
        }),
        news,
      );
    },
    async delete(id, props: Props) {
      return inUserTerms(() => handler.delete(id, own(props) as S));
    },
  };
}

/** What the handler is given: the SDK's own property is none of its business. */
function own(props: Props): Props {
  const { __provider: _, ...rest } = props;
  return rest;
}

/**
 * The SDK prints `${error}: ${error.stack}` for some calls and `error.message` for others. A user's mistake shows its
 * message either way, and never a stack; a fault of ours keeps its stack, which is what a report needs.
 */
async function inUserTerms<T>(call: () => Promise<T>, received?: Props): Promise<T> {
  try {
    return await calling(call);
  } catch (error) {
    throw asPulumiError(error, received);
  }
}

function asPulumiError(error: unknown, received: Props | undefined): unknown {
  if (error instanceof PartialStateError) {
    // Without what was received, `__provider` would be missing from state and the resource could never be deleted.
    const properties = { ...received, ...error.outs };
    return Object.assign(quiet(error.message), {
      id: error.id,
      properties,
      reasons: [error.message],
    });
  }
  return error instanceof FerryError ? quiet(error.message) : error;
}

function quiet(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  error.toString = () => "Ferry";
  return error;
}
