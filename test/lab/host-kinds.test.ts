import { join } from "node:path";

import { waitFor } from "../../lab/exec";
import { completeKind, labConnections, mustRun, reboot, run, snapshot } from "../../lab";
import { loadImages, offerImages } from "../../lab/images";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { weaveOn } from "../../provider/adapters/weave/host-weave";
import { DOCKER_USES, PROBED } from "./docker-commands";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, expectNothingToDo, up, upFails } from "./weave/runs";

/**
 * A host as the lab has always made them beside one of today: they are what they say, and Weave
 * joins them.
 */

const own = new MeshLab("host-kinds", 3, [
  "bookworm/20.10",
  "trixie/29/containerd",
  "trixie/29/overlay2/weave-2.6.5",
]);
const { lab } = own;
const names = ["node1", "node2"];
const first = (text: string) => text.trim().split("\n")[0];

// What today's host is made of may have to be built first.
jest.setTimeout(1_200_000);

const hosts = sshHostDirectory();

beforeAll(() => own.up());
afterAll(async () => {
  await hosts.close();
  await own.down();
});

test("each host is what it was asked to be", async () => {
  const ask =
    ". /etc/os-release; echo $VERSION_CODENAME; docker version -f '{{.Client.Version}} {{.Server.Version}}'; " +
    "docker info -f '{{.Driver}} {{json .DriverStatus}}'; weave version | head -n 1; systemctl is-active ssh";
  const [node1 = "", node2 = ""] = await Promise.all(names.map((name) => mustRun(name, ask, lab)));
  expect(node1).toMatch(
    /^bookworm\n20\.10\.\S+ 20\.10\.\S+\noverlay2 .*\nweave script 2\.6\.5\nactive\n$/,
  );
  expect(node2).toMatch(
    /^trixie\n29\.\S+ 29\.\S+\noverlayfs .*containerd.*\nweave script 2\.9\.0\nactive\n$/,
  );
});

test("today's Docker speaks no version of its API that is older than 1.40", async () => {
  const ask = (path: string) =>
    mustRun("node2", `curl -s --unix-socket /var/run/docker.sock http://docker${path}`, lab);
  expect(JSON.parse(await ask("/version"))).toMatchObject({ MinAPIVersion: "1.40" });
  expect(await ask("/v1.24/containers/json")).toContain("client version 1.24 is too old");
});

test("the lab's images run on both", async () => {
  for (const name of names) {
    const hello = "docker run --rm ferry-demo/box:1 echo hello";
    expect((await mustRun(name, hello, lab)).trim()).toBe("hello");
    const web = `docker run --rm --entrypoint /usr/bin/node ferry-demo/web:1 -p 'process.version'`;
    expect((await mustRun(name, web, lab)).trim()).toMatch(/^v18\./);
    const privileged = "docker run --rm --privileged --net=host ferry-demo/box:1 ip link";
    expect(await mustRun(name, privileged, lab)).toContain("docker0");
  }
});

test.each(names)(
  "%s answers each use of Docker's command line that scripts make of it",
  async (name) => {
    await mustRun(name, PROBED, lab);
    for (const { probe, says = /^$/ } of DOCKER_USES) {
      const said = (await mustRun(name, probe, lab)).trim();
      expect({ probe, said }).toEqual({ probe, said: expect.stringMatching(says) as string });
    }
  },
);

/** Docker 29 and Weave agree on a version only when command and router are told. */
const agreed = "export DOCKER_API_VERSION=1.44 WEAVE_DOCKER_ARGS='-e DOCKER_API_VERSION=1.44';";
const launch = "WEAVE_NO_FASTDP=1 CHECKPOINT_DISABLE=1 weave launch --plugin=false";

test("Weave joins them, and a proxied container's packets cross", async () => {
  await mustRun("node1", launch, lab);
  await mustRun("node2", `${agreed} ${launch} node1`, lab);
  const established = await waitFor(async () => {
    const status = await run("node1", "weave status connections", {}, lab);
    return status.stdout.includes("established") ? true : undefined;
  }, 30_000);
  expect(established).toBe(true);
  for (const [index, name] of names.entries()) {
    const container = `-e WEAVE_CIDR=10.44.0.${index + 1}/24 ferry-demo/box:1 /bin/sleep 600`;
    const proxied = `docker -H unix:///var/run/weave/weave.sock run -d --name probe ${container}`;
    await mustRun(name, proxied, lab);
  }
  const ping = "docker exec probe ping -c 1 -w 10 10.44.0.1";
  expect((await run("node2", ping, {}, lab)).code).toBe(0);
});

test("the edited Weave mounts its folder as a volume, and leaves chains when it is reset", async () => {
  const mount = `docker inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}}{{"\\n"}}{{end}}' probe`;
  expect(first(await mustRun("node1", mount, lab))).toBe("bind /w");
  expect(first(await mustRun("node2", mount, lab))).toBe("volume /w");
  for (const name of names) {
    const reset = `${name === "node2" ? agreed : ""} docker rm -f probe && weave reset`;
    await mustRun(name, reset, lab);
    const found = await snapshot(name, lab);
    expect(found.links).not.toContain("weave");
    expect(found.iptables.join().includes("WEAVE-CANARY")).toBe(name === "node2");
  }
});

test("Weave Net as it was released does not start on it, and a reset leaves nothing of the attempt", async () => {
  const before = await snapshot("node3", lab);
  const weave = weaveOn(await hosts.open("node3", labConnections(lab)["node3"]!));
  const settings = {
    discovery: true,
    trustedSubnets: [],
    extraFlags: [],
    targets: [],
    electors: 1,
  };
  const attempt = weave.launch({ ...settings, ipallocRange: "10.32.0.0/13" });
  await expect(attempt).rejects.toThrow(/client version 1\.18 is too old/);
  await weave.reset();
  expect(await snapshot("node3", lab)).toEqual(before);
});

test("a reboot brings today's host back with images and data", async () => {
  await mustRun("node2", "docker volume create kept && touch /root/kept", lab);
  await reboot("node2", lab);
  await mustRun("node2", "docker image inspect ferry-demo/box:1 && ls /root/kept", lab);
  expect((await snapshot("node2", lab)).volumes).toContain("kept");
});

/** As it is on a host that was made with too little. */
async function without(name: string, programs: readonly string[], action: () => Promise<void>) {
  const move = (from: string, to: string) =>
    mustRun(name, programs.map((path) => `mv ${path}${from} ${path}${to}`).join(" && "), lab);
  await move("", ".away");
  try {
    await action();
  } finally {
    await move(".away", "");
  }
}

test("hosts that Ferry cannot work on are refused by their names, before anything is touched on any", async () => {
  await own.takeSnapshots();
  const program = join(__dirname, "programs", "weave");
  const project = await own.project(program, own.names, { password: "open sesame" });
  await project.setConfig("args", "{}");
  await without("node2", ["/usr/bin/docker", "/usr/sbin/iptables"], async () => {
    const said = await upFails(project);
    expect(said).toMatch(
      /refused on host 'node2': it has no `docker` command.*Nothing was changed\. And it has no iptables/,
    );
    expect(said).toMatch(
      /refused on host 'node3': Docker 29\S* there needs Weave from reWeave 2\.8\.3 or later.*it has 2\.6\.5\..*Nothing was changed\./,
    );
    expect(said).not.toMatch(/refused on host 'node1'|client version \S+ is too old/);
  });
  await own.expectAsFresh();
  await destroy(project);
  await own.expectAsFresh();
});

test("a setting makes Weave of weaveworks' command what today's Docker takes, as the refusal says", async () => {
  const kind = completeKind({ weave: "weave-as-reweave" });
  const imagesOf = await offerImages(lab, [kind], () => undefined);
  await loadImages(lab, own.host("node3"), imagesOf(kind));
  const before = await snapshot("node3", lab);
  const program = join(__dirname, "programs", "weave");
  const project = await own.project(program, own.names, { password: "open sesame" });
  const weave = { version: "2.9.0", images: "rajchaudhuri" };
  await project.setConfig("args", JSON.stringify({ peers: { node3: { weave } } }));
  await up(project);
  expect(await mustRun("node3", "weave version | head -n 1", lab)).toBe("weave script 2.6.5\n");
  const router = "docker inspect -f '{{.Config.Image}} {{.State.Running}}' weave";
  expect(await mustRun("node3", router, lab)).toBe("rajchaudhuri/weave:2.9.0 true\n");
  await mustRun("node3", "systemctl restart docker && systemctl restart pulumi-ferry-weave", lab);
  await expectNothingToDo(project);
  await destroy(project);
  expect(await snapshot("node3", lab)).toEqual(before);
});
