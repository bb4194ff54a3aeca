import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FlockerLab } from "./flocker-lab";
import { MeshLab, until } from "./weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "./weave/runs";

/** `examples/volume-migration`, as its README tells it: a real program on real hosts. */
jest.setTimeout(1_800_000);

const EXAMPLE = join(__dirname, "../../examples/volume-migration");
const hosts = new MeshLab("flocker-program", 2);
const flocker = new FlockerLab(hosts);
let project: PulumiProject;

/** What is typed where, and what is seen: "" is the program's own machine. */
function sessionsIn(readme: string) {
  return readme
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = ""] = section.split("\n");
      const typed = [...section.matchAll(/^```console\n([^]*?)^```/gm)].flatMap(([, text]) =>
        text!
          .split(/^(?=\w*\$ )/m)
          .map((each) => /^(\w*)\$ (.*)\n([^]*)/.exec(each)!)
          .map(([, at, command, seen]) => ({ at: at!, command: command!, seen: seen!.trim() })),
      );
      return { title, typed };
    });
}

const steps = sessionsIn(readFileSync(join(EXAMPLE, "README.md"), "utf8"));
const where = () => [flocker.on("app_demo"), flocker.leasedTo("app_demo")];
let asked: readonly string[];

async function type(at: string, command: string): Promise<string> {
  if (at !== "") return (await hosts.run(at, command.replace(/\{\{.*\}\}/, "'$&'"))).trim();
  const [, name, value] = /^pulumi config set (\w+) (\w+)$/.exec(command) ?? [];
  if (name !== undefined) await project.setConfig(name, value!);
  else {
    expect(command).toBe("pulumi up");
    asked = flocker.plugin.asked;
    await up(project);
  }
  return "";
}

beforeAll(async () => {
  await hosts.up();
  await flocker.up();
  project = await hosts.project(EXAMPLE, hosts.names);
  const { control, ...secrets } = flocker.server.settings();
  await project.setConfig("control", control);
  for (const [name, pem] of Object.entries(secrets))
    await project.setConfig(name, pem, { secret: true });
});
afterAll(async () => {
  await flocker.down();
  await hosts.down();
});

test("the seed's ten steps are there", () => {
  expect(steps.map(({ title }) => title.split(":")[0])).toEqual(
    Array.from({ length: 10 }, (_, i) => `Step ${i + 1}`),
  );
});

test.each(steps)("$title", async ({ typed }) => {
  for (const { at, command, seen } of typed) {
    // The page looks for its redis for some time after both have started.
    if (command.includes("/v1/ping")) {
      const answer = () => type(at, command).catch(() => "");
      await until(command, 60, answer, (said) => said === seen);
    } else expect([at, command, await type(at, command)]).toEqual([at, command, seen]);
  }
});

test("Flocker has moved it for Ferry, and its plugin asked for nothing of the application's", () => {
  expect(where()).toEqual(["node2", "node2"]);
  expect(flocker.plugin.asked).toEqual(asked);
});

test("another run has nothing to do", () => expectNothingToDo(project));

test("what opens the control service is in no state in clear, and on no host", async () => {
  const { stdout } = await project.run(["stack", "export"]);
  expect(stdout).toContain(flocker.server.url);
  const files = "grep -rlF -e 'PRIVATE KEY' /var/lib/ferry /etc/flocker 2>/dev/null; exit 0";
  expect(stdout).not.toMatch(/BEGIN (EC )?PRIVATE KEY/);
  for (const host of hosts.names) expect(await hosts.run(host, files)).toBe("");
});

test("destroying it, without the program, deletes the dataset and leaves no lease", async () => {
  await destroy(project);
  expect(flocker.server.named("app_demo")).toEqual([]);
  expect(flocker.server.agents.leases.size).toBe(0);
});
