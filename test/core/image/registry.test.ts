import { credentialsIn, foundInConfig, registryOf } from "../../../provider/core/image/registry";

test.each([
  ["redis:7", "docker.io"],
  ["shop/web", "docker.io"],
  ["docker.io/library/redis", "docker.io"],
  ["ghcr.io/shop/web:1", "ghcr.io"],
  ["localhost/web", "localhost"],
  ["registry:5000/web", "registry:5000"],
])("%s asks %s", (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

const login = { username: "shop", password: "p:w" };

test.each([
  ["docker.io", "https://index.docker.io/v1/"],
  ["ghcr.io", "ghcr.io"],
  ["registry:5000", "https://registry:5000"],
])("a login for %s, as %s", (registry, spelt) => {
  expect(credentialsIn({ [spelt]: login }, registry)).toEqual(login);
  const auth = Buffer.from("shop:p:w").toString("base64");
  const config = JSON.stringify({ auths: { [spelt]: { auth } } });
  expect(foundInConfig(config, registry)).toEqual({ credentials: login });
  const helpers = JSON.stringify({ auths: { [spelt]: { auth } }, credHelpers: { [spelt]: "own" } });
  expect(foundInConfig(helpers, registry)).toEqual({ helper: "own", isSure: true });
});

test.each([
  ["{}", undefined],
  ['{"auths":{"ghcr.io":{}}}', undefined],
  ['{"credHelpers":{"other.io":"x"}}', undefined],
  ['{"credsStore":"pass"}', { helper: "pass", isSure: false }],
  ['{"auths":{"ghcr.io":{}},"credsStore":"pass"}', { helper: "pass", isSure: true }],
  [
    '{"auths":{"ghcr.io":{"auth":"eDo=","identitytoken":"t"}}}',
    { credentials: { username: "<token>", password: "t" } },
  ],
])("%s has for ghcr.io: %j", (config, expected) => {
  expect(foundInConfig(config, "ghcr.io")).toEqual(expected);
});
