import { application, problems, web, wrong } from "./helpers";

describe("what runs", () => {
  it.each<[string, object]>([
    ["command: redis-server --save '60 1'", { command: ["redis-server", "--save", "60 1"] }],
    ["command: [sh, -c, 'a && b']", { command: ["sh", "-c", "a && b"] }],
    ["entrypoint: /run.sh now", { entrypoint: ["/run.sh", "now"] }],
    ["entrypoint: []\ncommand: [a, b]", { entrypoint: ["a", "b"] }],
    ["command: a b\nentrypoint: ''", { entrypoint: ["a", "b"] }],
    ["entrypoint: ['']\ncommand: a", { entrypoint: ["a"] }],
    ["entrypoint: [/run.sh, '']", { entrypoint: ["/run.sh", ""] }],
    ["working_dir: /srv", { workingDir: "/srv" }],
    ["user: 1000:1000", { user: "1000:1000" }],
    ["group_add: [audio, 44]", { groupAdd: ["audio", "44"] }],
    ["stop_signal: SIGRTMIN+3", { stopSignal: "SIGRTMIN+3" }],
    ["stop_grace_period: 1m30.2s", { stopTimeoutSeconds: 91 }],
    ["init: yes", { init: true }],
    ["tty: true\nstdin_open: off", { tty: true, stdinOpen: false }],
    ["restart: no", { restart: { name: "no" } }],
    ['restart: "always"', { restart: { name: "always" } }],
    ["restart: unless-stopped", { restart: { name: "unless-stopped" } }],
    ["restart: on-failure", { restart: { name: "on-failure" } }],
    ["restart: on-failure:5", { restart: { name: "on-failure", maximumRetryCount: 5 } }],
    ["command:\nrestart: ~", {}],
    ["command: []", {}],
    ["command: ''\nuser: ''\nworking_dir: ''\nrestart: ''\nstop_signal: ''", {}],
    ["stop_grace_period: .5s", { stopTimeoutSeconds: 1 }],
    ["stop_grace_period: 1d", { stopTimeoutSeconds: 86400 }],
    ["logging: {driver: ''}", {}],
    ["pull_policy: missing", {}],
    ["x-note: {anything: [goes]}", {}],
  ])("%s", (lines, expected) => {
    expect(web(lines).container).toEqual({ image: "web", ...expected });
  });

  it.each<[string, string]>([
    [
      "command: a && b",
      `command: has '&' outside quotes, and no shell runs it. Quote it, or write [sh, -c, "..."].`,
    ],
    ["command: a 'b", "command: has a ' that is not closed. Close it."],
    ["command: 'a\\'", "command: ends in a backslash. Remove it, or double it."],
    ["command: [a, [b]]", "command[1]: must be a text, and is a list. Write a text."],
    [
      "entrypoint: ''",
      "entrypoint: is empty, and there is no `command`. Give the program to run in one of them.",
    ],
    ["entrypoint: ['', a]", "entrypoint: begins with an empty word. Give the program to run."],
    ["working_dir: srv", "working_dir: 'srv' is not an absolute path. Start it with '/'."],
    ["user: a b", "user: 'a b' is not a user. Write a name or number, with :group at will."],
    [
      "stop_signal: term!",
      "stop_signal: 'term!' is not a signal. Write SIGTERM, SIGRTMIN+3 or 15.",
    ],
    [
      "stop_grace_period: 30",
      "stop_grace_period: '30' is not a duration. Write numbers with their units h, m, s, ms or us: 1m30s, 500ms, 1.5s.",
    ],
    ["init: maybe", "init: 'maybe' is neither true nor false. Write one of them."],
    [
      "restart: on-failure:x",
      "restart: 'on-failure:x' is not a restart policy. Write no, always, unless-stopped, on-failure or on-failure:5.",
    ],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });

  it.each([
    "redis",
    "redis:7.2-alpine",
    "registry.example.com:5000/team/app_one:v1",
    "Host.example/app@sha256:0123456789abcdef0123456789abcdef",
    "sha256:0123456789abcdef",
  ])("takes the image %s", (image) => {
    expect(application(`a: {image: "${image}"}`).services.a?.container).toEqual({ image });
  });

  it.each(["Redis", "a b", "-x", "redis:", "redis@sha256:1", "(touch x)"])(
    "refuses the image %s",
    (image) => {
      expect(problems(`a: {image: "${image}"}`)).toEqual([
        `a.image: '${image}' is not an image's name. Write [registry/]name[:tag][@digest], the name in lower case.`,
      ]);
    },
  );

  it("asks for an image", () => {
    expect(problems("a: {tty: true}\nb:\nc: {image: }")).toEqual([
      "a: has no `image`. Say which image it runs.",
      "b: has no `image`. Say which image it runs.",
      "c: has no `image`. Say which image it runs.",
    ]);
  });
});

describe("health check", () => {
  it.each<[string, object]>([
    ["test: curl -f localhost || exit 1", { test: ["CMD-SHELL", "curl -f localhost || exit 1"] }],
    ["test: [CMD, redis-cli, ping]", { test: ["CMD", "redis-cli", "ping"] }],
    ["test: [CMD-SHELL, a && b]", { test: ["CMD-SHELL", "a && b"] }],
    ["test: [NONE]", { test: ["NONE"] }],
    ["disable: true", { test: ["NONE"] }],
    ["disable: true\n  retries: 3", { test: ["NONE"] }],
    ["disable: false", { test: [] }],
    ["disable: false\n  test: [CMD, a]", { test: ["CMD", "a"] }],
    ["test: []\n  retries: 3", { test: [], retries: 3 }],
    ["test: [CMD-SHELL, a, b]", { test: ["CMD-SHELL", "a", "b"] }],
    ["interval: .5s", { test: [], intervalSeconds: 0.5 }],
    ["interval: 2s\n  retries: 3", { test: [], intervalSeconds: 2, retries: 3 }],
    [
      "timeout: 1.5s\n  start_period: 500ms\n  disable: false",
      { test: [], timeoutSeconds: 1.5, startPeriodSeconds: 0.5 },
    ],
  ])("%s", (lines, expected) => {
    expect(web(`healthcheck:\n  ${lines}`).container.healthcheck).toEqual(expected);
  });

  it.each<[string, string]>([
    [
      "test: [curl]",
      '.test: must start with CMD, CMD-SHELL or NONE. Write a text, [CMD, program, argument...], [CMD-SHELL, "command"] or [NONE].',
    ],
    ["interval: 10us", ".interval: is shorter than 1ms, Docker's least. Write 1ms or more."],
    ["retries: -1", ".retries: '-1' is not a whole number of 0 or more. Write one."],
    ["intervall: 1s", ".intervall: unknown key. Did you mean 'interval'?"],
  ])("refuses %s", (lines, message) => {
    expect(wrong(`healthcheck:\n  ${lines}`)).toEqual([`healthcheck${message}`]);
  });
});

describe("logging", () => {
  it.each<[string, object]>([
    ["{driver: syslog}", { driver: "syslog", options: {} }],
    ["{options: {max-size: 10m}}", { driver: "json-file", options: { "max-size": "10m" } }],
    ["{driver: local, options: {max-file: 3}}", { driver: "local", options: { "max-file": "3" } }],
  ])("%s", (value, expected) => {
    expect(web(`logging: ${value}`).container.logging).toEqual(expected);
  });

  it("knows fig's names for it, in fig files only", () => {
    const fig = application("a: {image: a, log_driver: syslog, log_opt: {tag: x}}");
    expect(fig.services.a?.container.logging).toEqual({ driver: "syslog", options: { tag: "x" } });
    expect(wrong("log_driver: syslog")).toEqual([
      "log_driver: not supported: it belongs to fig files. Use `logging.driver`.",
    ]);
  });
});
