import { FerryError } from "../../provider/core/errors";
import { UNKNOWN } from "../../provider/core/unknown";
import { dynamicMethods } from "../../provider/handlers/dynamic";
import { PartialStateError, type Handler } from "../../provider/handlers/handler";

interface Inputs {
  name: string;
  host?: string;
}

const handler = (overrides: Partial<Handler<Inputs, Inputs>> = {}): Handler<Inputs, Inputs> => ({
  check: (_olds, news) => ({ inputs: { name: String(news["name"]) }, problems: [] }),
  create: (inputs) => Promise.resolve({ id: "an id", outs: inputs }),
  read: (_id, outs) => Promise.resolve({ outs }),
  update: (_id, _olds, inputs) => Promise.resolve(inputs),
  delete: () => Promise.resolve(),
  ...overrides,
});

async function failure(call: () => Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("It did not fail.");
}

describe("Pulumi's dynamic-provider API around a handler", () => {
  it("never shows the handler the SDK's own property", async () => {
    const seen: object[] = [];
    const methods = dynamicMethods(
      handler({
        create: (inputs) => {
          seen.push(inputs);
          return Promise.resolve({ id: "x", outs: inputs });
        },
      }),
    );
    await methods.create({ __provider: "text", name: "n" });
    expect(seen).toEqual([{ name: "n" }]);
  });

  it("leaves it to the engine whether anything changed, and says only what needs another resource", async () => {
    const methods = dynamicMethods(handler({ replaces: ["name"] }));
    expect(await methods.diff("id", { name: "a" }, { name: "b" })).toEqual({
      replaces: ["name"],
      deleteBeforeReplace: false,
    });
    expect(await methods.diff("id", { name: "a" }, { name: "a" })).toMatchObject({ replaces: [] });
  });

  it("replaces nothing for a value that is not known yet", async () => {
    const methods = dynamicMethods(handler({ replaces: ["name"] }));
    expect(await methods.diff("id", { name: "a" }, { name: UNKNOWN })).toMatchObject({
      replaces: [],
    });
  });

  it("tells the engine that something is gone by an empty id", async () => {
    const methods = dynamicMethods(handler({ read: () => Promise.resolve(undefined) }));
    expect(await methods.read("id", { name: "a" })).toEqual({ id: "", props: {} });
  });

  it("shows a user's mistake as its message alone, however the SDK prints it", async () => {
    const methods = dynamicMethods(
      handler({ delete: () => Promise.reject(new FerryError("It is so.")) }),
    );
    const error = await failure(() => methods.delete("id", { name: "a" }));
    expect(error.message).toBe("It is so.");
    expect(`${String(error)}: ${error.stack ?? ""}`).not.toMatch(/\n\s+at /);
  });

  it("keeps the stack of a fault of ours", async () => {
    const methods = dynamicMethods(
      handler({ delete: () => Promise.reject(new TypeError("oops")) }),
    );
    const error = await failure(() => methods.delete("id", { name: "a" }));
    expect(error.stack).toMatch(/\n\s+at /);
  });

  it("records half-made state with all that was received, so that it can be deleted and resumed", async () => {
    const half = new PartialStateError("an id", { host: "node1" }, "It is half made.");
    const methods = dynamicMethods(handler({ update: () => Promise.reject(half) }));
    const error = await failure(() =>
      methods.update("an id", {}, { __provider: "text", name: "n", host: "node2" }),
    );
    expect(error).toMatchObject({
      id: "an id",
      properties: { __provider: "text", name: "n", host: "node1" },
      reasons: ["It is half made."],
    });
  });
});
