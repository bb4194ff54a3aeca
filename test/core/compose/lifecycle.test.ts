import { application, fileWith, read, wrong } from "./helpers";

const container = (said: string, variables: Record<string, string> = {}) =>
  application(fileWith(said), { variables }).services.web?.container;

describe.each([
  ["post_start", "postStart"],
  ["pre_stop", "preStop"],
] as const)("%s", (key, property) => {
  it("is a list of commands, each with whose, where and what it is given", () => {
    const said = `${key}: [{command: "./run --as 'a b'", user: root}, {command: [sh, -c, "x $$Y"], privileged: true, working_dir: /srv, environment: [A=1, FROM]}]`;
    expect(container(said, { FROM: "there" })?.[property]).toEqual([
      { argv: ["./run", "--as", "a b"], user: "root" },
      {
        ...{ argv: ["sh", "-c", "x $Y"], privileged: true, workingDir: "/srv" },
        environment: { A: "1", FROM: "there" },
      },
    ]);
  });

  it("is not there where the list is empty", () => {
    expect(container(`${key}: []`)).not.toHaveProperty(property);
  });

  it.each<[string, string, string]>([
    ["[{user: root}]", "[0]", "has no `command`"],
    ["[{command: []}]", "[0]", "has no `command`"],
    ["[{command: x, working_dir: srv}]", "[0].working_dir", "an absolute path"],
    ["[{command: x, when: now}]", "[0].when", "unknown key"],
    ['[{command: "\'x"}]', "[0].command", ""],
  ])("%s is refused", (said, at, reason) => {
    const [problem] = wrong(`${key}: ${said}`);
    expect(problem).toContain(`${key}${at}`);
    expect(problem).toContain(reason);
  });

  it("of a service that another one waits for the end of is told and passed over", () => {
    const text = `
services:
  job: {image: x, ${key}: [{command: x}]}
  web: {image: x, depends_on: {job: {condition: service_completed_successfully}}}
`;
    const { notes, application: found } = read(text);
    expect(notes.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      expect.stringContaining(`services.job.${key} is passed over`),
    ]);
    expect(found?.services["job"]?.container).toEqual({ image: "x" });
  });
});
