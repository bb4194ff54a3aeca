import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { RegistryLogins } from "../../provider/handlers/replica/registry-logins";
import { credentialsOfMachine } from "../../provider/local/docker-config";

/** What `docker login` left on this machine, and real programs that keep it. */

let folder: string;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-logins-"));
  mkdirSync(join(folder, "bin"));
  process.env["DOCKER_CONFIG"] = folder;
  process.env["PATH"] = `${join(folder, "bin")}:${before["PATH"] ?? ""}`;
});
afterEach(() => {
  process.env["PATH"] = before["PATH"];
  process.env["DOCKER_CONFIG"] = before["DOCKER_CONFIG"];
  if (before["DOCKER_CONFIG"] === undefined) Reflect.deleteProperty(process.env, "DOCKER_CONFIG");
  rmSync(folder, { recursive: true, force: true });
});

const config = (said: object) => writeFileSync(join(folder, "config.json"), JSON.stringify(said));

/** Notes how it was called, and answers as `body` says. */
function helper(name: string, body: string): void {
  const path = join(folder, "bin", `docker-credential-${name}`);
  const note = `read -r asked || :; echo "$* $asked" >>'${folder}/asked'`;
  writeFileSync(path, `#!/bin/sh\n${note}\n${body}\n`);
  chmodSync(path, 0o755);
}

const answering = (secret: string) =>
  `printf '{"ServerURL":"%s","Username":"shop","Secret":"${secret}"}' "$asked"`;
const asked = () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
const logins = () => new RegistryLogins(credentialsOfMachine);

it("asks the registry's own program, once, by its pipes", async () => {
  config({ credHelpers: { "ghcr.io": "own", "docker.io": "own" }, credsStore: "lost" });
  helper("own", answering("hush"));
  const all = logins();
  const login = { username: "shop", password: "hush" };
  expect(await Promise.all([all.of("ghcr.io"), all.of("https://ghcr.io")])).toEqual([login, login]);
  expect(await all.of("docker.io")).toEqual(login);
  expect(asked()).toEqual(["get ghcr.io", "get https://index.docker.io/v1/"]);
});

it("asks the one that keeps all, which may have nothing", async () => {
  config({ credsStore: "all" });
  helper("all", 'echo "credentials not found in native keychain"; exit 1');
  expect(await logins().of("ghcr.io")).toBeUndefined();
});

it("takes the program's word before", async () => {
  config({ credHelpers: { "ghcr.io": "lost" } });
  const all = logins();
  all.say(JSON.stringify({ "ghcr.io": { username: "a", password: "b" } }));
  expect(await all.of("ghcr.io")).toEqual({ username: "a", password: "b" });
});

it("misses one only where it is needed", async () => {
  config({ credHelpers: { "ghcr.io": "lost" }, credsStore: "lost", auths: { "quay.io": {} } });
  expect(await logins().of("other.io")).toBeUndefined();
  for (const registry of ["ghcr.io", "quay.io"])
    await expect(logins().of(registry)).rejects.toThrow(
      `asking 'docker-credential-lost' for the login to registry '${registry}' failed: it is not on the PATH of this machine; this machine's Docker configuration says to ask it. Install it, or give the login as \`registries\`; nothing was changed.`,
    );
});

it.each([
  ["exit 3", /it ended with 3, and no login/],
  ['echo \'{"Username":1,"Secret":"hush"}\'', /what it answered is no login/],
  ["echo hush", /what it answered is no login/],
])("says what is wrong with one, and not what it said: %s", async (body, words) => {
  config({ credHelpers: { "ghcr.io": "own" } });
  helper("own", body);
  const all = logins();
  const error = await all.of("ghcr.io").catch((thrown: unknown) => thrown as Error);
  expect((error as Error).message).toMatch(words);
  expect((error as Error).message).not.toMatch(/hush/);
  // What was mended since is there.
  helper("own", answering("new"));
  expect(await all.of("ghcr.io")).toEqual({ username: "shop", password: "new" });
});

it("runs nothing but a program of that kind", async () => {
  config({ credHelpers: { "ghcr.io": "../../bin/sh" } });
  await expect(logins().of("ghcr.io")).rejects.toThrow(/that is no name of a program/);
});
