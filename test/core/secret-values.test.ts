import { runtime } from "@pulumi/pulumi";
import {
  SECRET_SIGNATURE,
  secretTexts,
  SIGNATURE_KEY,
  withSecrets,
} from "../../provider/core/secret-values";
import { UNKNOWN } from "../../provider/core/unknown";

const secret = (value: unknown) => ({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value });

test("a secret is written as the SDK writes it", () => {
  expect([SIGNATURE_KEY, SECRET_SIGNATURE]).toEqual([
    runtime.specialSigKey,
    runtime.specialSecretSig,
  ]);
});

describe("what goes back to the engine", () => {
  test.each<[string, object, string[][], object]>([
    ["a value as a whole", { a: { b: 1 } }, [["a"]], { a: secret({ b: 1 }) }],
    ["a value inside", { a: { b: "x", c: 2 } }, [["a", "b"]], { a: { b: secret("x"), c: 2 } }],
    [
      "what was spelled anew",
      { hook: { argv: ["x"] } },
      [["hook", "command"]],
      { hook: secret({ argv: ["x"] }) },
    ],
    ["nothing that is not there", { a: 1 }, [["b"], ["b", "c"]], { a: 1 }],
    ["nothing twice", { a: "x" }, [["a"], ["a"]], { a: secret("x") }],
    ["nothing that is not known yet", { a: UNKNOWN }, [["a"]], { a: UNKNOWN }],
  ])("marks %s", (_what, values, paths, expected) => {
    expect(withSecrets(values, paths)).toEqual(expected);
  });
});

describe("texts that no message may show", () => {
  test("are all that stand in a secret, but of a connection only its credentials", () => {
    const jump = { host: "jump", password: "jump-pass" };
    const connections = { node1: { host: "n1", user: "u", privateKey: "pem", proxy: jump } };
    const spec = { image: "redis:7", command: ["serve", "--key", "abc"] };
    expect(secretTexts({ connections, spec }, [["connections"], ["spec", "command"]])).toEqual([
      "pem",
      "jump-pass",
      "serve",
      "--key",
      "abc",
    ]);
  });

  test("are all of what is left of a secret's way, when it was spelled anew", () => {
    const hook = { argv: ["flush", "abc"], seconds: 5 };
    expect(secretTexts({ hook }, [["hook", "command"]])).toEqual(["flush", "abc"]);
  });

  test("are none that the same inputs have in clear, and nothing unknown", () => {
    const inputs = { service: "redis", environment: { NAME: "redis", KEY: "abc", LATER: UNKNOWN } };
    expect(secretTexts(inputs, [["environment"]])).toEqual(["abc"]);
  });
});
