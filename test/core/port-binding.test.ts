import { sharesAddress } from "../../provider/core/port-binding";

const on = (hostIp?: string) => ({
  ...{ containerPort: 80, hostPort: 80, protocol: "tcp" as const },
  ...(hostIp === undefined ? {} : { hostIp }),
});

test.each([
  [undefined, undefined, true],
  [undefined, "10.0.0.1", true],
  [undefined, "::1", true],
  ["0.0.0.0", "127.0.0.1", true],
  ["0.0.0.0", "::", false],
  ["0.0.0.0", "::1", false],
  ["::", "fe80::1", true],
  ["127.0.0.1", "127.0.0.1", true],
  ["127.0.0.1", "10.0.0.1", false],
])("%s and %s", (one, other, shared) => {
  expect(sharesAddress(on(one), on(other))).toBe(shared);
  expect(sharesAddress(on(other), on(one))).toBe(shared);
});
