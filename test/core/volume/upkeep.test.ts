import fc from "fast-check";
import { UNKNOWN } from "../../../provider/core/unknown";
import {
  readRestores,
  restoreProblems,
  restoreSettings,
  type BackupToRestore,
} from "../../../provider/core/volume/restore";
import {
  checkUpkeep,
  tasksOf,
  upkeepName,
  type UpkeepInputs,
} from "../../../provider/core/volume/upkeep";
import { lastBackupOf, upkeepHealth } from "../../../provider/core/volume/upkeep-health";

const news: UpkeepInputs = {
  ...{ project: "shop", stack: "prod", deployment: "apples", key: "data", name: "apples_data" },
  host: "node1",
  backup: { repository: "rest:https://me:pass@backup.example/", every: "6h", keep: 4 },
  backupKey: { password: "pw", environment: { B: "2", A: "1=x" } },
  connections: { node1: { host: "192.0.2.1" } },
};
const reasons = (change: object) =>
  checkUpkeep({ ...news, ...change }).problems.map(({ property, reason }) => [property, reason]);
const backup = (change: object) => reasons({ backup: { ...news.backup, ...change } });

test("what a host gets has the key of its place, and state has no way to hosts", () => {
  const { inputs, problems } = checkUpkeep(news);
  expect(problems).toEqual([]);
  expect(inputs).not.toHaveProperty("connections");
  expect(inputs.place).toBe("[192.0.2.1]:22");
  expect(tasksOf(inputs)).toEqual([
    {
      name: "backup",
      everySeconds: 21_600,
      settings: {
        repository: "rest:https://me:pass@backup.example/",
        shown: "rest:https://***@backup.example/",
        password: "pw",
        environment: "A=1=x\nB=2\n",
        id: "shop/prod/apples/data",
        ...{ volume: "apples_data", host: "node1", keep: "4" },
      },
    },
  ]);
});

test("once a day, and all are kept, where nothing is said", () => {
  const { inputs } = checkUpkeep({ ...news, backup: { repository: "/srv" } });
  expect(tasksOf(inputs)[0]).toMatchObject({ everySeconds: 86_400, settings: { keep: "" } });
});

test.each<[object, string, RegExp]>([
  [{ every: "5s" }, "backup.every", /'5s' is no time from one to the next, of a minute at least/],
  [{ every: "daily" }, "backup.every", /'daily' is no time/],
  [{ repository: "" }, "backup.repository", /it is empty/],
  [{ repository: "a\nb" }, "backup.repository", /more than a line/],
  [{ keep: 0 }, "backup.keep", /'0' is no number of those that are kept/],
  [{ keep: 1.5 }, "backup.keep", /'1.5' is no number/],
])("%j is refused", (change, property, reason) => {
  expect(backup(change)).toEqual([[property, expect.stringMatching(reason)]]);
});

test("a password of two lines, none, or a variable that is no name is refused", () => {
  const key = (backupKey: object) => reasons({ backupKey }).map(([property]) => property);
  expect(key({ password: "a\nb" })).toEqual(["backup.password"]);
  expect(key({})).toEqual(["backup.password"]);
  expect(key({ password: "a", environment: { "A B": "" } })).toEqual(["backup.environment"]);
  expect(key({ password: "a", environment: { A: "1\n2" } })).toEqual(["backup.environment"]);
});

test("nothing is said of what is not known yet", () => {
  const unknown = fc.record({
    every: fc.constantFrom(UNKNOWN, "1h"),
    repository: fc.constantFrom(UNKNOWN, "/srv"),
    keep: fc.constantFrom(UNKNOWN as unknown as number, 3),
  });
  fc.assert(fc.property(unknown, (change) => expect(backup(change)).toEqual([])));
  expect(reasons({ backup: UNKNOWN, backupKey: UNKNOWN, host: UNKNOWN })).toEqual([]);
});

test("two volumes never have one folder on a host", () => {
  const word = fc.stringMatching(/^[a-z0-9_.-]{1,8}$/);
  const identity = fc.record({ project: word, stack: word, deployment: word, key: word });
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(upkeepName(a) === upkeepName(b)).toBe(same);
      expect(upkeepName(a)).toMatch(/^[\w.-]+$/);
    }),
  );
});

describe("health", () => {
  const tasks = tasksOf(checkUpkeep(news).inputs);
  const health = (found: object) =>
    upkeepHealth({ now: 100_000, tasks: { backup: { isInOrder: true, ...found } } }, tasks);

  test("is silent while the last one is no older than it may be", () => {
    expect(health({})).toBeUndefined();
    expect(health({ last: { at: 100_000 - 2 * 21_600, what: "ab" } })).toBeUndefined();
  });

  test("tells of one that is late, and of why the last one failed", () => {
    expect(health({ last: { at: 100_000 - 50_000, what: "ab" } })).toMatch(
      /^backup: the last is .* old, and it is due every/,
    );
    expect(health({ failure: { at: 99_000, what: "no room" } })).toBe(
      "backup: none has succeeded yet; then: no room",
    );
  });

  test("the last one is told in UTC", () => {
    const found = { isInOrder: true, last: { at: 1_700_000_000, what: "abcd1234" } };
    expect(lastBackupOf({ now: 0, tasks: { backup: found } })).toEqual({
      ...{ when: "2023-11-14T22:13:20.000Z", snapshot: "abcd1234" },
    });
  });
});

describe("snapshots", () => {
  const snapshots = { every: "1h", keep: 24 };
  const task = (hooks: object) =>
    tasksOf(checkUpkeep({ ...news, ...{ snapshots, hooks, service: "db" } }).inputs).at(-1)!;

  test("are taken between the replica's commands, where it has both", () => {
    const hooks = { quiesce: "lock it", resume: { command: ["free", "it"], seconds: 5 } };
    expect(task(hooks)).toEqual({
      name: "snapshots",
      everySeconds: 3600,
      settings: {
        ...{ volume: "apples_data", service: "db", keep: "24" },
        ...{ quiesce: "/bin/sh\0-c\0lock it\0", "quiesce-seconds": "30" },
        ...{ resume: "free\0it\0", "resume-seconds": "5" },
      },
    });
    expect(task({ quiesce: "lock it" }).settings).not.toHaveProperty("quiesce");
  });

  test.each([
    [{ every: "1s", keep: 1 }, "snapshots.every"],
    [{ every: "1h" }, "snapshots.keep"],
    [{ every: "1h", keep: -1 }, "snapshots.keep"],
  ])("%j is refused", (wrong, property) => {
    expect(reasons({ snapshots: wrong }).map(([first]) => first)).toEqual([property]);
  });

  test("one that is no snapshot's name is not looked for", () => {
    const read = (snapshot: string) =>
      restoreProblems(readRestores({ data: JSON.stringify({ of: "apples_data", snapshot }) }));
    expect(read("20260102T030405Z")).toEqual([]);
    expect(read("../x").map(({ property }) => property)).toEqual(["restoreFrom.snapshot"]);
  });
});

describe("a restore", () => {
  const read = (restore: object) => readRestores({ data: JSON.stringify(restore) });
  const settings = (restore: object) =>
    restoreSettings(read(restore).data as BackupToRestore, "a/b/c/d");

  test("is the latest of the volume itself, unless the program says otherwise", () => {
    expect(settings({ repository: "/srv", password: "pw" })).toMatchObject({
      snapshot: "latest",
      id: "a/b/c/d",
    });
    const other = { repository: "/srv", password: "pw", snapshot: "0a1b", volume: "x/y/z/w" };
    expect(settings(other)).toMatchObject({
      ...{ snapshot: "0a1b", id: "x/y/z/w" },
    });
  });

  test("is refused where it is none, and not read while it is unknown", () => {
    expect(restoreProblems(read({ repository: "", password: "p", snapshot: "-x" }))).toHaveLength(
      2,
    );
    expect(readRestores({ data: UNKNOWN })).toEqual({});
    expect(readRestores(undefined)).toEqual({});
  });
});
