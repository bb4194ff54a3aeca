import { mkdtempSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { output, secret, type Output } from "@pulumi/pulumi";
import type { Service } from "../../provider/core/application";
import * as compose from "../../provider/core/compose";
import { loadApplication } from "../../components/load-application";

const VARIABLES = ["A", "B", "C", "D", "E"];
const FILE = `services:
  web:
    image: web:1
    command: ["serve", "\${A}"]
    environment:
${VARIABLES.map((name) => `      ${name}: "\${${name}}"`).join("\n")}
`;

const valueOf = <T>(of: Output<T>) =>
  new Promise<T>((resolve) => of.apply((value) => (resolve(value), value)));

test("a thousand replicas of a service read its file no more often than one", async () => {
  const variables = Object.fromEntries(VARIABLES.map((name) => [name, secret(`the ${name}`)]));
  const read = jest.fn();
  const original = compose.readComposeLate;
  jest.spyOn(compose, "readComposeLate").mockImplementation((...args) => {
    const late = original(...args);
    return {
      ...late,
      valueOf: (part, values) => {
        read(part);
        return late.valueOf(part, values);
      },
    };
  });
  const loaded = loadApplication({ compose: FILE, variables, secret: false });
  const web = loaded.application.services["web"] as Service;
  const replicas = Array.from({ length: 1000 }, () => [
    output(loaded.environment(web)),
    output(loaded.container(web)),
  ]);
  const [environment, container] = await Promise.all(
    (replicas.at(-1) ?? []).map((each) => valueOf(each as Output<object>)),
  );
  expect(environment).toEqual(Object.fromEntries(VARIABLES.map((name) => [name, `the ${name}`])));
  expect(container).toMatchObject({ command: ["serve", "the A"] });
  expect(read.mock.calls.length).toBe(VARIABLES.length + 1);
});

describe("files on this machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "compose-"));
  const compose = join(folder, "compose.yml");
  const over = join(folder, "over.yml");
  writeFileSync(compose, "services: {web: {image: 'web:${TAG:-none}', env_file: web.env}}");
  writeFileSync(over, "services: {web: {tty: true}}");
  writeFileSync(join(folder, ".env"), "TAG=beside");
  writeFileSync(join(folder, "other.env"), "TAG=other");
  writeFileSync(join(folder, "web.env"), "A=1");
  const given = { variables: {}, secret: false };
  const web = (more: object) =>
    loadApplication({ compose, ...given, ...more }).application.services["web"];

  test("the .env beside the file is read, another one, or none; the program's variables win", () => {
    expect(web({})?.container.image).toBe("web:beside");
    expect(web({ envFile: "other.env" })?.container.image).toBe("web:other");
    expect(web({ envFile: false })?.container.image).toBe("web:none");
    expect(web({ variables: { TAG: "given" } })?.container.image).toBe("web:given");
    expect(() => web({ envFile: "gone.env" })).toThrow(/envFile: 'gone.env' is not there/);
  });

  test("several are put on top of each other, seen from the first one's folder", () => {
    expect(web({ compose: [compose, over] })).toMatchObject({
      container: { image: "web:beside", tty: true },
      environment: { A: "1" },
    });
    expect(() => web({ compose: [] })).toThrow(/the list is empty/);
  });
});
