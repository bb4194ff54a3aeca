import { LABELS } from "../../../provider/core/identity";
import type { Findings } from "../../../provider/core/move/findings";
import { findGroup, decideByLead } from "../../../provider/core/move/group";
import type { JournalEntry } from "../../../provider/core/move/journal";
import type { Goal } from "../../../provider/core/move/goal";
import { next } from "../../../provider/core/move/machine";
import type { ContainerState } from "../../../provider/core/adapter-ports";

const apples = { project: "shop", stack: "prod", deployment: "apples" };

function container(
  service: string,
  volumes: string[],
  change: Partial<ContainerState> & { of?: string } = {},
): ContainerState {
  const { of = "apples", ...rest } = change;
  return {
    id: `id-${service}`,
    name: `${of}-${service}-0`,
    status: "running",
    labels: {
      [LABELS.replica]: `shop/prod/${of}/${service}/0`,
      [LABELS.project]: "shop",
      [LABELS.stack]: "prod",
      [LABELS.deployment]: of,
    },
    mounts: volumes.map((volume) => ({ volume, source: `/v/${volume}`, target: `/${volume}` })),
    ...rest,
  } as ContainerState;
}

/** Not really one and the same, but all that could be taken for it. */
function withUnnamed(of: ContainerState): ContainerState {
  const unnamed = { volume: "0".repeat(64), source: "/v/0", target: "/cache", anonymous: true };
  return { ...of, mounts: [...of.mounts, unnamed] };
}

describe("who shares a volume on the source", () => {
  const names = (all: readonly ContainerState[]) => all.map(({ name }) => name);
  const app = container("app", ["data"]);

  test("moves along, running or not, also by way of others", () => {
    const all = [
      app,
      container("backup", ["data", "spool"], { status: "exited" }),
      container("sender", ["spool"]),
      container("web", ["pages"]),
    ];
    const found = findGroup(app, apples, all);
    expect(names(found.members)).toEqual(["apples-backup-0", "apples-sender-0"]);
    expect(found.strangers).toEqual([]);
  });

  test("moves along where it is in one's namespaces, and so does the one whose these are", () => {
    const side = container("side", ["spool"], { joins: ["id-app"] });
    const sender = container("sender", ["spool"]);
    const shell = container("shell", [], { labels: {}, joins: ["id-app"] });
    const all = [container("app", []), side, sender, shell, container("web", [])];
    const found = findGroup(all[0]!, apples, all);
    expect(names(found.members)).toEqual(["apples-sender-0", "apples-side-0"]);
    expect(found.strangers).toEqual([]);
    expect(names(findGroup(side, apples, all).members)).toEqual([
      "apples-app-0",
      "apples-sender-0",
    ]);
  });

  test("is a stranger when it belongs to nobody or to somebody else, and counts when it runs", () => {
    const all = [
      app,
      container("nosy", ["data"], { labels: {} }),
      container("late", ["data"], { labels: {}, status: "exited" }),
      container("other", ["data"], { of: "pears" }),
    ];
    expect(findGroup(app, apples, all)).toEqual({
      members: [],
      strangers: [
        { container: "apples-nosy-0", volume: "data" },
        { container: "pears-other-0", volume: "data" },
      ],
    });
  });

  test("is not who shares a start barrier, a volume without a name, or is the replica itself half changed", () => {
    const self = withUnnamed(container("app", ["pulumi-ferry-gate"]));
    const all = [
      self,
      withUnnamed(container("web", ["pulumi-ferry-gate"])),
      { ...container("app", ["data"]), id: "before" },
    ];
    expect(findGroup(self, apples, all)).toEqual({ members: [], strangers: [] });
    expect(findGroup(app, apples, [app, all[2]!])).toEqual({ members: [], strangers: [] });
  });

  test("is one who shares a named volume whose name Docker once made up", () => {
    const legacy = "0".repeat(64);
    const found = findGroup(container("app", [legacy]), apples, [container("web", [legacy])]);
    expect(names(found.members)).toEqual(["apples-web-0"]);
  });
});

describe("a replica that was stopped for the move of another one", () => {
  const entry = (of: Partial<JournalEntry> & { role: string; step?: string }): JournalEntry => ({
    version: 2,
    replica: "r",
    epoch: 3,
    volumes: [],
    move: "m",
    ...of,
  });
  const stopped = entry({
    role: "source",
    step: "stopped",
    other: "node2",
    with: "app",
    highest: 4,
  });
  const backup: Findings = {
    answered: ["node1", "node2"],
    journals: { node1: stopped },
    instances: [
      {
        host: "node1",
        containerId: "b",
        epoch: 3,
        running: false,
        started: true,
        restarts: false,
        asWanted: true,
      },
    ],
  };
  const goal: Goal = {
    replica: "r",
    wanted: "node2",
    believed: { host: "node1", epoch: 3 },
    volumes: ["data"],
  };
  const copy = (host: string, epoch: number) => ({
    host,
    containerId: `a-${host}`,
    epoch,
    running: true,
    started: true,
    restarts: false,
    asWanted: true,
  });
  const lead = (journals: Record<string, JournalEntry>, ...instances: Findings["instances"]) => ({
    label: "apples/app",
    findings: { answered: ["node1", "node2"], journals, instances },
  });

  test("waits for that one where its move was interrupted, rather than write into what may be copied", () => {
    const interrupted = lead(
      {
        node1: entry({ role: "source", step: "stopped", other: "node2" }),
        node2: entry({ role: "target", step: "compared", epoch: 4, other: "node1" }),
      },
      { ...copy("node1", 3), running: false },
    );
    expect(decideByLead(backup, interrupted)).toEqual({
      kind: "refuse",
      reason: expect.stringMatching(/together with apples\/app.*`pulumi up --refresh`/),
    });
  });

  test("is taken back with that one", () => {
    const back = lead({ node1: entry({ role: "home" }) }, copy("node1", 3));
    expect(decideByLead(backup, back)).toBeUndefined();
    // Then as after any move: it is started where it was.
    const then = next(backup, goal);
    expect(then.kind === "do" && then.ops.map(({ op }) => op)).toContain("start");
  });

  test.each<[string, Record<string, JournalEntry>]>([
    [
      "at its commit",
      {
        node1: entry({ role: "source", step: "committed", other: "node2" }),
        node2: entry({ role: "target", step: "starting", epoch: 4, other: "node1" }),
      },
    ],
    ["and is home there", { node2: entry({ role: "home", epoch: 4 }) }],
  ])("goes where that one went, %s, and its old container never starts", (_name, journals) => {
    const work = decideByLead(backup, lead(journals, copy("node2", 4)));
    expect(work?.kind).toBe("do");
    let state: Findings = backup;
    let instances = [...backup.instances];
    const seen: string[] = [];
    let then: ReturnType<typeof next> | typeof work = work;
    for (let step = 0; then?.kind === "do"; step++) {
      expect(step).toBeLessThan(8);
      const after: Record<string, JournalEntry> = { ...state.journals };
      for (const op of then.ops) {
        seen.push(`${op.op} ${op.host}`);
        if (op.op === "journal") after[op.host] = op.entry;
        if (op.op === "forget") Reflect.deleteProperty(after, op.host);
        if (op.op === "remove container") {
          instances = instances.filter(({ containerId }) => containerId !== op.containerId);
        }
      }
      state = { ...state, journals: after, instances };
      then = decideByLead(state, lead(journals, copy("node2", 4))) ?? next(state, goal);
    }
    expect(then).toMatchObject({ kind: "create", dataOn: "node2" });
    expect(seen).not.toContain("start node1");
    expect(instances).toEqual([]);
    // Who finds only the old host knows where it went.
    expect(state.journals).toEqual({
      node1: expect.objectContaining({ role: "retired", other: "node2", volumes: [] }),
      node2: expect.objectContaining({ role: "home", epoch: 4 }),
    });
  });

  test.each<[string, Record<string, JournalEntry>]>([
    ["as a retired copy tells", { node1: entry({ role: "retired", other: "node2" }) }],
    [
      "as a committed source tells",
      { node1: entry({ role: "source", step: "committed", other: "node2" }) },
    ],
  ])("is not started on the old host while the new one is silent, %s", (_name, journals) => {
    const away = {
      label: "apples/app",
      findings: { answered: ["node1"], journals, instances: [] },
    };
    expect(decideByLead({ ...backup, answered: ["node1"] }, away)).toEqual({
      kind: "refuse",
      reason:
        "it goes to host 'node2' with apples/app, which is there already, and that host does not answer",
    });
  });

  test("follows that one further, when it has gone on meanwhile", () => {
    const further = lead(
      {
        node1: entry({ role: "retired", other: "node2" }),
        node3: entry({ role: "home", epoch: 5 }),
      },
      copy("node3", 5),
    );
    const findings = { ...backup, answered: ["node1", "node2", "node3"] };
    expect(decideByLead(findings, further)).toMatchObject({
      ops: [
        { host: "node1", entry: { step: "committed", other: "node3" } },
        { host: "node3", entry: { role: "home", epoch: 4, other: "node1" } },
      ],
    });
  });

  test("without such a journal there is nothing to settle", () => {
    expect(decideByLead({ ...backup, journals: {} }, lead({}))).toBeUndefined();
  });
});
