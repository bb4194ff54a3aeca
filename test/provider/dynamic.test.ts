import { runtime } from "@pulumi/pulumi";
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

  describe("where the program's word is secret", () => {
    const secret = (value: unknown) => ({
      [runtime.specialSigKey]: runtime.specialSecretSig,
      value,
    });
    const news = { name: "n", host: "the-hidden-host", secretInputs: [["host"]] };
    const keeping = (overrides: Partial<Handler<Inputs, Inputs>> = {}) =>
      dynamicMethods(
        handler({
          replaces: ["name"],
          check: (_olds, given) => ({ inputs: given as unknown as Inputs, problems: [] }),
          ...overrides,
        }),
      );

    it("marks it in what it answers, and keeps its word beside the outputs", async () => {
      const methods = keeping();
      const { inputs } = await methods.check({}, news);
      expect(inputs).toEqual({ name: "n", host: secret("the-hidden-host") });
      const plain = { name: "n", host: "the-hidden-host" };
      const outs = { name: "n", host: secret("the-hidden-host"), secretInputs: [["host"]] };
      expect(await methods.create(plain)).toEqual({ id: "an id", outs });
      expect(await methods.update("an id", {}, plain)).toEqual({ outs });
    });

    it("marks what a program before said, where an update is taken back", async () => {
      const olds = { name: "n", host: "the-hidden-host", secretInputs: [["host"]] };
      const methods = keeping({
        update: (_id, before) =>
          Promise.reject(new PartialStateError("an id", before, "Taken back.")),
      });
      await methods.check({}, { name: "n", host: "in clear" });
      const error = await failure(() =>
        methods.update("an id", olds, { name: "n", host: "in clear" }),
      );
      expect(error["properties"]).toEqual({ ...olds, host: secret("the-hidden-host") });
    });

    it("marks it in what a refresh finds, without the program", async () => {
      const methods = keeping({ read: (_id, outs) => Promise.resolve({ outs, inputs: outs }) });
      const outs = { name: "n", host: "the-hidden-host", secretInputs: [["host"]] };
      expect(await methods.read("an id", outs)).toEqual({
        id: "an id",
        props: { ...outs, host: secret("the-hidden-host") },
        inputs: { name: "n", host: secret("the-hidden-host") },
      });
    });

    it("hides it in what is wrong, in what fails, and in a fault of ours with its stack", async () => {
      const methods = keeping({
        check: (_olds, given) => ({
          inputs: given as unknown as Inputs,
          problems: [{ property: "host", reason: `'${String(given["host"])}' is none` }],
        }),
        delete: (_id, { host }) => Promise.reject(new FerryError(`${host ?? ""} does not answer.`)),
        create: ({ host }) => Promise.reject(new TypeError(`${host ?? ""}!`)),
      });
      const { failures } = await methods.check({}, news);
      expect(failures).toEqual([{ property: "", reason: "host: '***' is none" }]);
      const gone = await failure(() => methods.delete("an id", { ...news }));
      expect(gone.message).toBe("*** does not answer.");
      const ours = await failure(() => methods.create({ ...news }));
      expect(ours.stack).toMatch(/\*\*\*!\n\s+at /);
      expect(ours.stack).not.toContain("the-hidden-host");
    });
  });
});
