import { RunError } from "@pulumi/pulumi";
import { mistake } from "../../provider/resources/mistake";

test("a mistake is Pulumi's own kind of error, with no trace that would be coloured for 20 s", () => {
  const error = mistake("hosts.site: the file has no service 'site'.");
  expect(RunError.isInstance(error)).toBe(true);
  expect(error.stack).toBe("Error: hosts.site: the file has no service 'site'.");
});
