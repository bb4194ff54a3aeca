import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, up, upFails } from "./weave/runs";

/** Images that are built from a folder beside the compose file: no registry is anywhere. */

jest.setTimeout(600_000);

const hosts = new MeshLab("build", 3);
let project: PulumiProject;

const DOCKERFILE = `ARG BASE=ferry-demo/box:1
FROM \${BASE}
ARG GREETING
COPY --from=shared note /note
COPY . /site
RUN echo "$GREETING" >/greeting
CMD ["httpd", "-f", "-p", "80", "-h", "/site"]
`;

function put(path: string, content: string): string {
  const file = join(project.folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const container = (host: string, name: string, asked: string) =>
  hosts.run(host, ["docker", "inspect", "-f", asked, name]).then((said) => said.trim());
const read = (host: string, name: string, path: string) =>
  hosts.run(host, ["docker", "exec", name, "cat", path]).then((said) => said.trim());
const built = async (host: string) => {
  const asked = ["docker", "images", "--filter", "label=pulumi-ferry.build"];
  const said = await hosts.run(host, [...asked, "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]);
  return said.trim().split("\n").filter(Boolean).sort();
};
const changes = async () =>
  (await project.previewSteps()).map(({ urn, newState }) => ({
    name: urn.split("::").at(-1),
    image: (newState?.inputs?.["spec"] as { image?: string } | undefined)?.image,
  }));

beforeAll(async () => {
  await hosts.up();
  project = await hosts.project(join(__dirname, "programs", "build"), hosts.names);
  put("site/Dockerfile", DOCKERFILE);
  put("site/.dockerignore", "Dockerfile\n*.log\n");
  put("site/index.html", "one\n");
  put("site/deep/er/file", "deep\n");
  put("site/noise.log", "noise\n");
  put("shared/note", "of the other folder\n");
});

afterAll(() => hosts.down());

test("an image is built on one host, by its Dockerfile, and sent to the other", async () => {
  const said = await up(project);
  expect(new Set(said.match(/building \S+ on node\d/g)).size).toBe(1);
  expect(await container("node1", "apples-web-0", "{{.Config.Image}}")).toMatch(
    /^apples-web:[0-9a-f]{16}$/,
  );
  expect(await container("node2", "apples-worker-0", "{{.Config.Image}}")).toMatch(
    /^shop\/worker:2-[0-9a-f]{16}$/,
  );
  const ids = [
    await container("node1", "apples-web-0", "{{.Image}}"),
    await container("node2", "apples-worker-0", "{{.Image}}"),
  ];
  expect(new Set(ids).size).toBe(1);
  expect(await read("node1", "apples-web-0", "/greeting")).toBe("hello");
  expect(await read("node1", "apples-web-0", "/note")).toBe("of the other folder");
  expect(await hosts.run("node1", "docker exec apples-web-0 find /site | sort")).toBe(
    "/site\n/site/.dockerignore\n/site/deep\n/site/deep/er\n/site/deep/er/file\n/site/index.html\n",
  );
  expect(await built("node3")).toEqual([]);
});

test("nothing changes by another `up`, by times, nor by what is left out", async () => {
  put("site/noise.log", "more noise\n");
  utimesSync(join(project.folder, "site/index.html"), 1, 1);
  expect(await changes()).toEqual([]);
  await up(project, "--refresh");
  expect(await project.lastChanges()).toBe(0);
});

test("a changed file is a change of the services' image, and is built anew", async () => {
  const before = await built("node1");
  await hosts.run("node1", "docker exec apples-web-0 sh -c 'echo kept >/data/mark'");
  put("site/index.html", "two\n");
  const previewed = await changes();
  expect(previewed.map(({ name }) => name).sort()).toEqual(["apples-web-0", "apples-worker-0"]);
  await up(project);
  expect(await read("node1", "apples-web-0", "/site/index.html")).toBe("two");
  expect(await read("node2", "apples-worker-0", "/site/index.html")).toBe("two");
  expect(await read("node1", "apples-web-0", "/data/mark")).toBe("kept");
  const images = previewed.map(({ image }) => image);
  expect(images).toContain(await container("node1", "apples-web-0", "{{.Config.Image}}"));
  // Of what nothing runs any more, nothing is left.
  for (const host of ["node1", "node2"])
    for (const old of before) expect(await built(host)).not.toContain(old);
});

test("a build that fails says the step and what it wrote, and changes nothing", async () => {
  const running = await container("node1", "apples-web-0", "{{.Id}} {{.State.StartedAt}}");
  put("site/Dockerfile", `${DOCKERFILE}RUN echo told before it ends && exit 7\n`);
  const said = await upFails(project);
  expect(said).toMatch(/RUN echo told before it ends && exit 7/);
  expect(said).toMatch(/exit code: 7\. It wrote last: told before it ends/);
  expect(await container("node1", "apples-web-0", "{{.Id}} {{.State.StartedAt}}")).toBe(running);
  put("site/Dockerfile", DOCKERFILE);
  await up(project);
  expect(await container("node1", "apples-web-0", "{{.Id}} {{.State.StartedAt}}")).toBe(running);
});

test("it moves to a host without the image, with its data", async () => {
  const image = await container("node1", "apples-web-0", "{{.Image}}");
  await project.setConfig("webHost", "node3");
  await up(project);
  expect(await container("node3", "apples-web-0", "{{.Image}}")).toBe(image);
  expect(await read("node3", "apples-web-0", "/data/mark")).toBe("kept");
  await up(project, "--refresh");
  expect(await project.lastChanges()).toBe(0);
});

test("state has neither the context nor where it lies", async () => {
  const state = await project.exportState();
  for (const word of ["of the other folder", "COPY . /site", join(project.folder, "site")])
    expect(state).not.toContain(word);
});

test("destroy removes what was built", async () => {
  await destroy(project);
  for (const host of hosts.names) expect(await built(host)).toEqual([]);
});
