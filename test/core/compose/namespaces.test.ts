import { application, problems, read } from "./helpers";

const file = (side: string, web = "") =>
  `services: {side: {image: s, ${side}}, web: {image: w, container_name: the-web${web}}}`;

describe("a namespace of another service", () => {
  it.each<[string, object, string?]>([
    ["network_mode: 'service:web'", { networkNamespace: "service:web" }],
    ["network_mode: 'container:the-web'", { networkNamespace: "service:web" }],
    ["pid: 'service:web'", { pidNamespace: "service:web" }],
    ["ipc: 'container:the-web'", { ipcNamespace: "service:web" }, ", ipc: shareable"],
    [
      "pid: 'service:web', network_mode: 'service:web'",
      { pidNamespace: "service:web", networkNamespace: "service:web" },
    ],
  ])("is that one's, which starts first: %s", (side, expected, ...[web]) => {
    const service = application(file(side, web)).services.side;
    expect(service?.container).toEqual({ image: "s", ...expected });
    expect(service?.dependsOn).toEqual([{ service: "web", condition: "started" }]);
  });

  it("leaves a condition that the file says", () => {
    const text = file(
      "network_mode: 'service:web', depends_on: {web: {condition: service_healthy}}",
    );
    expect(application(text).services.side?.dependsOn).toEqual([
      { service: "web", condition: "healthy" },
    ]);
  });

  it("has its names, and keeps nobody apart", () => {
    const text = file("network_mode: 'service:web', container_name: x, hostname: y");
    expect(application(text).services.side).not.toHaveProperty("names");
    expect(read(text).notes.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^is no name of the service/),
      expect.stringMatching(/^is a further name of the service/),
    ]);
    const apart = `${file("network_mode: 'service:web'", ", networks: [n]").slice(0, -1)}, b: {image: b}}\nnetworks: {n: }`;
    const { side, web } = application(apart).services;
    expect([side?.reach, web?.reach?.networks]).toEqual([undefined, ["n"]]);
  });

  it.each<[string, RegExp, string?]>([
    ["network_mode: 'service:wed'", /there is no service 'wed'. Did you mean 'web'\?/],
    ["network_mode: 'container:other'", /no service of the file has the `container_name` 'other'/],
    ["pid: 'service:side'", /is its own. Remove it\./],
    ["network_mode: 'service:web'", /it says 'host'. Say the same here\./, ", network_mode: host"],
    ["network_mode: 'service:web'", /it says 'service:side'/, ", network_mode: 'service:side'"],
    ["ipc: 'service:web'", /Give it `ipc: shareable`\./],
    ["network_mode: 'service:web', scale: 2", /'web' has 1 replicas, and this one 2/],
    ["network_mode: 'service:web', ports: [80]", /Publish it by the service whose network it is\./],
    ["network_mode: 'service:web', networks: [default]", /is beside `network_mode`/],
    ["network_mode: 'service:web', links: [web]", /which has no links/],
    ["network_mode: 'service:web', dns: 192.0.2.1", /Give it to the service whose network it is/],
    ["network_mode: 'service:web', extra_hosts: ['a:192.0.2.1']", /Give it to the service/],
    ["pid: 'service:web'", /goes in a circle/, ", depends_on: [side]"],
  ])("is refused: %s", (side, message, ...[web]) => {
    expect(problems(file(side, web))[0]).toMatch(message);
  });

  it("is none of a job's", () => {
    const text = `${file("pid: 'service:web'").slice(0, -1)}, z: {image: z, depends_on: {web: {condition: service_completed_successfully}}}}`;
    expect(problems(text)[0]).toMatch(/'web' is a job, and ends/);
  });
});
