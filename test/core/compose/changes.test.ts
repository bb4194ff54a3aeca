import { application, fileWith, read, wrong } from "./helpers";

/** What is told of a file beside what is probably not meant. */
function reported(text: string): string[] {
  const { problems, notes } = read(text);
  return [...problems, ...notes].map(({ path, reason }) => `${path}: ${reason}`);
}

const web = (deploy: string) => application(fileWith(`deploy: ${deploy}`)).services.web;
const changes = (said: string) => web(`{update_config: ${said}}`)?.changes;

describe("update_config", () => {
  it.each<[string, object]>([
    ["{}", { monitorSeconds: 5 }],
    ["{parallelism: 0, delay: 1m}", { monitorSeconds: 5, parallelism: 0, delaySeconds: 60 }],
    ["{monitor: 0s, failure_action: continue}", { monitorSeconds: 0, onFailure: "continue" }],
    [
      "{failure_action: pause, max_failure_ratio: 0.3}",
      {
        ...{ monitorSeconds: 5, onFailure: "pause", maxFailureRatio: 0.3 },
      },
    ],
  ])("%s", (said, expected) => expect(changes(said)).toEqual(expected));

  it("is not there where the file has none, and says nothing of the container", () => {
    expect(web("{replicas: 2}")).not.toHaveProperty("changes");
    expect(Object.keys(web("{update_config: {parallelism: 2}}")?.container ?? {})).toEqual([
      "image",
    ]);
  });

  it.each<[string, string]>([
    ["{order: start-first}", "order: is done as stop-first: a replica keeps its address,"],
    ["{failure_action: rollback}", "failure_action: takes back the replica that fails and leaves"],
  ])("tells what it does of %s", (said, words) => {
    const lines = reported(fileWith(`deploy: {update_config: ${said}}`));
    expect(lines).toEqual([expect.stringContaining(`services.web.deploy.update_config.${words}`)]);
  });

  it.each<[string, string]>([
    [
      "{max_failure_ratio: 2}",
      "max_failure_ratio: '2' is no share of the replicas. Write 0 to 1, such as 0.3.",
    ],
    [
      "{failure_action: stop}",
      "failure_action: 'stop' is none of pause, continue, rollback. Write one of them.",
    ],
    ["{paralelism: 1}", "paralelism: unknown key. Did you mean 'parallelism'?"],
  ])("refuses %s", (said, message) =>
    expect(wrong(`deploy: {update_config: ${said}}`)).toEqual([`deploy.update_config.${message}`]),
  );
});

describe("rollback_config", () => {
  it("is checked and without effect", () => {
    expect(reported(fileWith("deploy: {rollback_config: {parallelism: 0, delay: 5s}}"))).toEqual(
      [],
    );
    expect(wrong("deploy: {rollback_config: {delay: soon}}")).toHaveLength(1);
  });
});

describe("jobs", () => {
  const file = (restart: string) =>
    `services: {web: {image: a, depends_on: {job: {condition: service_completed_successfully}}}, job: {image: b, ${restart}}}`;

  it("are services whose end another one waits for", () => {
    const { services } = application(file('restart: "no"'));
    expect(services.job?.job).toBe(true);
    expect(services.web).not.toHaveProperty("job");
  });

  it.each(["restart: always", "restart: unless-stopped", "deploy: {restart_policy: {}}"])(
    "are not started again, which is said: %s",
    (restart) =>
      expect(reported(file(restart))).toEqual([
        expect.stringMatching(
          /^services\.job\..*: is passed over: another service waits for the end/,
        ),
      ]),
  );

  it.each(["restart: on-failure:3", 'restart: "no"', "init: true"])("say nothing of %s", (line) =>
    expect(reported(file(line))).toEqual([]),
  );
});
