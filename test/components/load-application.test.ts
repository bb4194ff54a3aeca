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
      settle: (part, values) => {
        read(part);
        return late.settle(part, values);
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
