import { readComposeLate } from "../../../provider/core/compose";

const FILE = `
services:
  web:
    image: "shop/web:\${TAG}"
    command: ["serve", "--key", "\${KEY}", "--tag", "\${TAG:-none}"]
    healthcheck: { test: ["CMD", "probe", "\${KEY}"], interval: "\${EVERY}" }
    ports: ["\${PORT}:80"]
    labels: { given: "\${KEY:+yes}" }
    environment: { PASSWORD: "\${KEY}", PLAIN: "x" }
    init: "\${INIT}"
    volumes: ["data:/data"]
  db: { image: redis }
volumes:
  data: { driver_opts: { o: "password=\${KEY}" } }
`;

const LATE = ["TAG", "KEY", "EVERY", "PORT", "INIT"];
const read = (text = FILE, late = LATE) =>
  readComposeLate(text, { fileName: "fig.yml", variables: {} }, late);

describe("a file whose variables' values come later", () => {
  it("has its shape at once, and says which part follows from which variables", () => {
    const { application, parts, problems } = read();
    expect(problems).toEqual([]);
    expect(Object.keys(application?.services ?? {})).toEqual(["db", "web"]);
    const said = Object.fromEntries(parts.map((part) => [part.path.join("."), part.variables]));
    expect(said).toEqual({
      "services.web.container.image": ["TAG"],
      "services.web.container.command": ["TAG", "KEY"],
      "services.web.container.healthcheck": ["KEY", "EVERY"],
      "services.web.container.ports": ["PORT"],
      "services.web.container.labels": ["KEY"],
      "services.web.container.init": ["INIT"],
      "services.web.environment.PASSWORD": ["KEY"],
      "volumes.data.driverOptions": ["KEY"],
    });
  });

  it("gives each part its value, as a file with plain values has it", () => {
    const values = { TAG: "1.2", KEY: "a key", EVERY: "7s", PORT: "8080", INIT: "false" };
    const { parts, valueOf } = read();
    const plain = readComposeLate(FILE, { fileName: "fig.yml", variables: values }, []);
    for (const part of parts) {
      const own = Object.fromEntries(
        part.variables.map((name) => [name, values[name as keyof typeof values]]),
      );
      const expected = part.path.reduce<unknown>(
        (value, key) => (value as Record<string, unknown>)[key],
        plain.application,
      );
      expect(valueOf(part, own)).toEqual(expected);
    }
  });

  it("is told by what it says, and not by the value, when the value does not fit", () => {
    const { parts, valueOf } = read();
    const ports = parts.find(({ path }) => path.includes("ports"));
    expect(() => valueOf(ports!, { PORT: "a secret" })).toThrow(/web\.ports\[0\].*'\$\{PORT\}:80'/);
    expect(() => valueOf(ports!, { PORT: "a secret" })).not.toThrow(/a secret/);
  });

  it.each([
    ["how many replicas there are", "services: { web: { image: a, deploy: { replicas: $N } } }"],
    [
      "what depends on what",
      'services: { web: { image: a, depends_on: ["$N"] }, db: { image: b } }',
    ],
  ])("must not say by them %s", (_what, text) => {
    const { application, problems } = read(text, ["N"]);
    expect(application).toBeUndefined();
    expect(problems.map(({ reason }) => reason).join()).toMatch(/\bN\b/);
  });
});
