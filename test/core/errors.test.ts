import fc from "fast-check";
import {
  FerryError,
  inWords,
  isSilence,
  OUTCOME_UNKNOWN,
  sentenceOf,
  type Fault,
} from "../../provider/core/errors";

const FAULT: Fault = {
  kind: "trouble",
  what: "starting container 'web'",
  host: "node1",
  reason: "no space is left on its disk",
};

describe("the sentence of a fault", () => {
  test.each<[string, Fault, string]>([
    [
      "what, where and why",
      FAULT,
      "starting container 'web' failed on host 'node1': no space is left on its disk.",
    ],
    [
      "with the host as it is reached",
      { ...FAULT, where: "host 'node1' (192.0.2.1:22)" },
      "starting container 'web' failed on host 'node1' (192.0.2.1:22): no space is left on its disk.",
    ],
    [
      "without a host",
      { kind: "ours", what: "reading it", reason: "it is empty" },
      "reading it failed: it is empty.",
    ],
    [
      "with its way to end",
      { ...FAULT, ended: "timed out" },
      "starting container 'web' timed out on host 'node1': no space is left on its disk.",
    ],
    [
      "with advice and state",
      { ...FAULT, advice: "make room", touched: "nothing" },
      "starting container 'web' failed on host 'node1': no space is left on its disk. Make room; nothing was changed.",
    ],
    [
      "with state alone",
      { ...FAULT, touched: "unsent" },
      "starting container 'web' failed on host 'node1': no space is left on its disk. Nothing was sent.",
    ],
    [
      "with a lost answer",
      { ...FAULT, touched: "unknown" },
      `starting container 'web' failed on host 'node1': no space is left on its disk. ${OUTCOME_UNKNOWN}`,
    ],
    [
      "with advice and a lost answer",
      { ...FAULT, advice: "make room", touched: "unknown" },
      `starting container 'web' failed on host 'node1': no space is left on its disk. Make room. ${OUTCOME_UNKNOWN}`,
    ],
    [
      "with a state of its own",
      { ...FAULT, advice: "make room", touched: { said: "it was ended there" } },
      "starting container 'web' failed on host 'node1': no space is left on its disk. Make room. It was ended there.",
    ],
    ["a text that is the whole story", { kind: "settings", reason: "no host" }, "no host"],
  ])("%s", (_title, fault, words) => {
    expect(inWords(fault)).toBe(words);
    expect(new FerryError(fault).message).toBe(words);
  });

  test("without its claim says nothing of the state of things", () => {
    for (const touched of ["nothing", "unsent", "unknown", { said: "it runs on" }] as const) {
      const reported = inWords({ ...FAULT, advice: "make room", touched }, { claim: false });
      expect(reported).toBe(
        "starting container 'web' failed on host 'node1': no space is left on its disk. Make room.",
      );
    }
  });

  const text = fc.string({ unit: "grapheme-ascii", minLength: 1 });
  const fault = fc.record<Fault>(
    {
      kind: fc.constantFrom("silent", "refused", "trouble", "settings", "ours"),
      what: text,
      host: text,
      where: text,
      reason: text,
      advice: text,
      touched: fc.oneof(
        fc.constantFrom("nothing" as const, "unsent" as const, "unknown" as const),
        fc.record({ said: text }),
      ),
    },
    { requiredKeys: ["kind", "reason"] },
  );

  test("never holds a secret, wherever that stands", () => {
    const secret = "s3cr3t-marker";
    const put = (value: string | undefined) => (value === undefined ? {} : value + secret);
    fc.assert(
      fc.property(fault, fc.constantFrom("what", "reason", "advice", "where"), (given, field) => {
        const marked = { ...given, [field]: put(given[field] ?? ""), secrets: [secret] } as Fault;
        expect(inWords(marked)).not.toContain(secret);
        expect(inWords(marked, { claim: false })).not.toContain(secret);
      }),
    );
  });

  test("is one line's worth of sentences: no doubled stop where parts meet", () => {
    const clean = text.map((words) => `a${words.replace(/[^a-z ]/g, "")}a`);
    fc.assert(
      fc.property(fault, clean, clean, fc.boolean(), (given, reason, words, stopped) => {
        const advice = stopped ? `${words}.` : words;
        const { touched = "nothing" } = given;
        const state = typeof touched === "object" ? { said: words } : touched;
        const reported = inWords({
          ...{ kind: "ours", what: "it", where: "there", reason, advice },
          touched: state,
        });
        expect(reported).not.toMatch(/\.\.|\. \.|[;.]\.|; \.|\.;/);
        expect(reported).toMatch(/[.!?]$/);
      }),
    );
  });
});

test("only silence is silence", () => {
  for (const kind of ["refused", "trouble", "settings", "ours"] as const) {
    expect(isSilence(new FerryError({ ...FAULT, kind }))).toBe(false);
  }
  expect(isSilence(new FerryError({ ...FAULT, kind: "silent" }))).toBe(true);
  expect(isSilence(new Error("silent"))).toBe(false);
});

test("a sentence ends once", () => {
  expect(["a", "a.", " a! ", ""].map(sentenceOf)).toEqual(["a.", "a.", "a!", ""]);
});
