import { notes, web, wrong } from "./helpers";

describe("environment", () => {
  it("has the last of a name, also where that says no value", () => {
    expect(web("environment: [A=1, A=2, B=1, B]").environment).toEqual({ A: "2" });
    const variables = { B: "given" };
    expect(web("environment: [B=1, B]", { variables }).environment).toEqual({ B: "given" });
  });

  it.each<[string, object]>([
    [
      "environment: {A: one, B: 1.10, C: 0755, D: yes, E: ''}",
      { A: "one", B: "1.10", C: "0755", D: "yes", E: "" },
    ],
    ["environment: [A=one, 'B=a=b', C=]", { A: "one", B: "a=b", C: "" }],
    ["environment: {SET: }", { SET: "value" }],
    ["environment: [SET]", { SET: "value" }],
    ["environment: [A=1, B=2, A=3]", { A: "3", B: "2" }],
    ["environment: {__proto__: x, constructor: y}", { ["__proto__"]: "x", constructor: "y" }],
    ["environment: {A: $SET, B: 'a$$b'}", { A: "value", B: "a$b" }],
    ["environment:", {}],
  ])("%s", (lines, expected) => {
    const { environment } = web(lines, { variables: { SET: "value" } });
    expect(Object.entries(environment)).toEqual(Object.entries(expected));
  });

  it("leaves out what has no value and no variable, also where a file has one, and says so", () => {
    const lines = "environment: [UNSET, A=1, constructor]\nenv_file: f";
    const options = { readFile: () => "UNSET=file\nB=2\nBARE" };
    expect(web(lines, options).environment).toEqual({ A: "1", B: "2" });
    expect(notes(lines, options)).toEqual([
      "environment[0], services.web.environment[2]: is left out, as Compose does: it has no value, " +
        "and there is no variable of that name. Give one in `variables`, or write a value.",
    ]);
  });

  it.each<[string, string]>([
    ["environment: ['=1']", "environment[0]: has no name before the '='. Give it one."],
    ["environment: {A: [1]}", "environment.A: must be a text, and is a list. Write a text."],
    ["environment: A=1", 'environment: must be a list, and is a text. Write "- value" lines.'],
    [
      "environment: {WEAVE_CIDR: net:default}",
      "environment.WEAVE_CIDR: WEAVE_CIDR is Ferry's to set: it gives addresses. Remove it.",
    ],
    ['environment: {A: "x\\0y"}', "environment.A: holds a NUL character. Remove it."],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });
});

describe("env_file", () => {
  const files: Record<string, string> = {
    "one.env": "A=1\nB=2\n",
    "two.env": "B=two\n",
    "bad.env": "FINE=1\nsecret words\n",
    "weave.env": "WEAVE_CIDR=net:default\n",
  };
  const options = { variables: { SET: "value" }, readFile: (path: string) => files[path] };

  it.each<[string, object]>([
    ["env_file: one.env", { A: "1", B: "2" }],
    ["env_file: [one.env, two.env]", { A: "1", B: "two" }],
    ["environment: {A: mine}\nenv_file: one.env", { A: "mine", B: "2" }],
    ["env_file: [{path: one.env}, {path: none.env, required: false}]", { A: "1", B: "2" }],
  ])("%s", (lines, expected) => {
    expect(web(lines, options).environment).toEqual(expected);
  });

  it("sees what stands before it: earlier files and the service's environment", () => {
    const lines = "env_file: [a, b]\nenvironment: {OWN: mine}";
    const readFile = (path: string) => (path === "a" ? "A=1" : "OWN=x\nB=${A}2\nC=$OWN");
    expect(web(lines, { readFile }).environment).toEqual({
      ...{ A: "1", B: "12", C: "mine", OWN: "mine" },
    });
  });

  it("is told with its line, also after values of several lines", () => {
    expect(wrong("env_file: f", { readFile: () => "A='1\n2\n'\n\nB/=x" })).toEqual([
      "env_file: line 5 of 'f' is not NAME=value.",
    ]);
  });

  it.each<[string, string]>([
    [
      "env_file: none.env",
      "env_file: env file 'none.env' not found. Its path is relative to this file.",
    ],
    ["env_file: [one.env, {required: true}]", "env_file[1]: has no `path`."],
    ["env_file: bad.env", "env_file: line 2 of 'bad.env' is not NAME=value."],
    ["env_file: weave.env", "env_file: WEAVE_CIDR is Ferry's to set: it gives addresses."],
    [
      "env_file: [{path: one.env, format: raw}]",
      "env_file[0].format: not supported: env files are read as Compose reads them by default. Remove it.",
    ],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines, options)).toEqual([message]);
  });

  it.each<[string, string]>([
    ["export A=1", "1"],
    ["A = spaced out # comment", "spaced out"],
    ["A=in#side", "in#side"],
    ["A=#s3cret", "#s3cret"],
    ["A=#ff0000", "#ff0000"],
    ["A= #kept", "#kept"],
    ["A=a\t#kept", "a\t#kept"],
    ["A='#q' # comment", "#q"],
    ['A="#q"# comment', "#q"],
    ["A: value # comment", "value"],
    ["A:value", "value"],
    ["A=b: c", "b: c"],
    ["A='it\\'s'", "it's"],
    ["A='x\\n'", "x\\n"],
    ["A='one\n# two\n'\nB=2", "one\n# two\n"],
    ['A="one\n$SET\\n"', "one\nvalue\n"],
    ['A="\\a\\0101"', "\x07A"],
    ["A=^x/(.*)$", "^x/(.*)$"],
    ["A=pa$$word", "pa$word"],
    ["A=\n B=2", ""],
    ["export A=1\nexported=2", "1"],
    ["A=x\nA=${A}y", "xy"],
    ["A='as $IT is' # comment", "as $IT is"],
    ['A="a\\tb \\"q\\" \\$X \\x"', 'a\tb "q" $X \\x'],
    ["A=${SET}-${UNSET:-d}", "value-d"],
    ["SET=own\nA=$SET", "value"],
    ["OWN=own\nA=$OWN", "own"],
    ["SET\nA=$SET", "value"],
    ["\uFEFFA=1\r\n", "1"],
    ["# only\n\nA=", ""],
  ])("reads %j", (content, expected) => {
    const { environment } = web("env_file: f", { ...options, readFile: () => content });
    expect(environment.A).toBe(expected);
  });

  it.each<[string, string]>([
    ["A='open", "has a quote that is not closed. Close it."],
    ['A="open', "has a quote that is not closed. Close it."],
    ["A=$UNSET", "has a '$' that cannot be filled in. Set the variable, or use single quotes."],
    ["A/B=x", "is not NAME=value."],
    ["A B=x", "is not NAME=value."],
    ["=x", "is not NAME=value."],
    ['A="x"y', "has something after its closing quote. Remove it."],
  ])("refuses %j and never shows the value", (content, message) => {
    expect(wrong("env_file: f", { readFile: () => content })).toEqual([
      `env_file: line 1 of 'f' ${message}`,
    ]);
  });
});

describe("labels", () => {
  it.each<[string, object]>([
    ["labels: {com.example.a: 1, b: }", { "com.example.a": "1", b: "" }],
    ["labels: [com.example.a=1, b]", { "com.example.a": "1", b: "" }],
  ])("%s", (lines, expected) => {
    expect(web(lines).container.labels).toEqual(expected);
  });

  it("keeps Ferry's own labels to Ferry", () => {
    expect(wrong("labels: {pulumi-ferry.epoch: 9}")).toEqual([
      `labels["pulumi-ferry.epoch"]: labels that start with 'pulumi-ferry.' are Ferry's own. Rename it.`,
    ]);
  });
});
