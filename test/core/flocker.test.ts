import { controlProblems } from "../../provider/core/volume/flocker";
import { FlockerCertificates } from "../adapters/flocker-certificates";

/** What a preview says of what opens a control service. */

const cluster = new FlockerCertificates();
const other = new FlockerCertificates();
const control = "https://control:4523";
const right = { control, ca: cluster.ca, ...cluster.user("ferry") };

afterAll(() => {
  cluster.remove();
  other.remove();
});

test("an API user's certificate of the cluster is right", () => {
  expect(controlProblems(right, "data")).toEqual([]);
});

test.each([
  ["control", { control: "http://control:4523" }, /'http:.*' is no address such as https:/],
  ["ca", { ca: "secret" }, /this is no certificate in PEM/],
  ["cert", { cert: "secret" }, /this is no certificate in PEM/],
  [
    "cert",
    cluster.node("4711"),
    /this is the certificate of 'node-4711', and Flocker lets API users/,
  ],
  ["cert", other.user("eve"), /this certificate is none of the cluster's, `ca`/],
  ["key", { key: "secret" }, /this is no private key in PEM/],
  ["key", { key: other.user("eve").key }, /this is not the key of `cert`/],
])("what is wrong is told of its own field: %s", (field, change, reason) => {
  const [problem, more] = controlProblems({ ...right, ...change }, "data");
  expect(more).toBeUndefined();
  expect(problem?.property).toBe(`flocker.${field}`);
  expect(problem?.reason).toMatch(reason);
  expect(problem?.reason).not.toMatch(/secret|BEGIN/);
});
