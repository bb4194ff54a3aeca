import { platformProblem, runsOn } from "../../../provider/core/image/platform";

test.each([
  ["amd64", "amd64", true],
  ["386", "amd64", true],
  ["arm", "arm64", true],
  ["amd64", "arm64", false],
  ["arm64", "amd64", false],
  ["arm64", "arm", false],
  ["", "arm64", true],
])("an image for '%s' on a host that is %s runs: %s", (image, host, runs) => {
  expect(runsOn(image, host)).toBe(runs);
});

test("both hosts and both kinds are told", () => {
  const [a, b] = [
    { host: "a", architecture: "amd64" },
    { host: "b", architecture: "arm64" },
  ];
  expect(platformProblem("redis:7", a, b)).toBe(
    "host 'a' has 'redis:7' for amd64, and host 'b' is arm64",
  );
  expect(platformProblem("redis:7", a, a)).toBeUndefined();
});
