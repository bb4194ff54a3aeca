import { PassThrough } from "stream";
import type { ContainerSpec } from "../../provider/core/container-spec";
import type { ContainerRequest, Docker, Host } from "../../provider/core/adapter-ports";

export interface DockerFixture {
  readonly host: () => Host;
  /** An image on the host that has a busybox. */
  readonly image: string;
  /** Begins the names of all that is made, so that runs side by side do not meet. */
  readonly prefix: string;
  /** A port of the host that nobody uses. */
  readonly freePort: number;
}

/**
 * What every Docker does, real or fake. All that is made is removed, whether the test passes or
 * not.
 */
export function dockerContract(name: string, fixture: DockerFixture): void {
  const docker = (): Docker => fixture.host().docker;
  const labels = { "ferry-contract": fixture.prefix };
  let made = 0;

  const request = (more: Partial<ContainerRequest> = {}, spec: Partial<ContainerSpec> = {}) => {
    made += 1;
    return {
      name: `${fixture.prefix}-${made}`,
      environment: {},
      volumeNames: {},
      labels,
      hostname: "contract",
      dnsSearch: [],
      overlayAddresses: [],
      ...more,
      spec: {
        image: fixture.image,
        command: ["tail", "-f", "/dev/null"],
        stopTimeoutSeconds: 1,
        ...spec,
      },
    } satisfies ContainerRequest;
  };

  const started = async (...args: Parameters<typeof request>) => {
    const wanted = request(...args);
    const id = await docker().create(wanted);
    await docker().start(id, { proxied: false });
    return { id, name: wanted.name };
  };

  const ended = async (id: string) => {
    for (let poll = 0; poll < 100; poll++) {
      const state = await docker().container(id);
      if (state?.status === "exited") return state;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("it goes on and on");
  };

  const cleanUp = async () => {
    for (const { id } of await docker().containers(labels)) await docker().remove(id);
    for (const volume of await docker().volumes(labels)) await docker().removeVolume(volume.name);
  };

  describe(`Docker: ${name}`, () => {
    afterEach(cleanUp);

    test("tells about itself", async () => {
      const info = await docker().info();
      expect(info.version).toMatch(/^\d+\.\d+/);
      expect(info.apiVersion).toMatch(/^\d+\.\d+$/);
      expect(info.rootDirectory).toMatch(/^\//);
      const image = await docker().image(fixture.image);
      expect(image?.architecture).toBe(info.architecture);
      expect(image?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(image?.sizeBytes).toBeGreaterThan(0);
    });

    test("what is missing is undefined, or success", async () => {
      const absent = `${fixture.prefix}-absent`;
      expect(await docker().container(absent)).toBeUndefined();
      expect(await docker().image(`${absent}:1`)).toBeUndefined();
      expect(await docker().volume(absent)).toBeUndefined();
      expect(await docker().containers({ absent })).toEqual([]);
      expect(await docker().volumes({ absent })).toEqual([]);
      expect(await docker().logs(absent, 5)).toBe("");
      await docker().stop(absent, 1);
      await docker().kill(absent, "SIGKILL");
      await docker().remove(absent);
      await docker().removeVolume(absent);
      await docker().setRestartPolicy(absent, { name: "no" });
    });

    test("a container is created, started, stopped, started again and removed", async () => {
      const wanted = request({ environment: { COLOUR: "green" }, restart: { name: "always" } });
      const id = await docker().create(wanted);
      const created = await docker().container(wanted.name);
      expect(created).toMatchObject({ id, name: wanted.name, status: "created", pid: 0 });
      expect(created).toMatchObject({ image: fixture.image, restart: { name: "always" } });
      expect(created?.labels).toMatchObject(labels);
      expect(created?.environment).toContain("COLOUR=green");

      await docker().start(id, { proxied: false });
      await docker().start(id, { proxied: false });
      const running = await docker().container(id);
      expect(running).toMatchObject({ status: "running", health: "none" });
      expect(running?.pid).toBeGreaterThan(0);
      expect(Date.parse(running?.startedAt ?? "")).toBeGreaterThan(0);

      await docker().stop(id, 0);
      await docker().stop(id, 0);
      expect(await docker().container(id)).toMatchObject({ status: "exited", pid: 0 });
      await docker().start(id, { proxied: false });
      expect((await docker().container(id))?.status).toBe("running");
      await docker().remove(id);
      expect(await docker().container(id)).toBeUndefined();
    });

    test("containers are found by all of the labels, stopped ones too", async () => {
      const first = await docker().create(request({ labels: { ...labels, kind: "a" } }));
      const second = await docker().create(request({ labels: { ...labels, kind: "b" } }));
      const ids = (found: { id: string }[]) => found.map(({ id }) => id).sort();
      expect(ids(await docker().containers(labels))).toEqual([first, second].sort());
      expect(ids(await docker().containers({ ...labels, kind: "b" }))).toEqual([second]);
    });

    test("a name is taken once, and set free by rename", async () => {
      const wanted = request();
      const id = await docker().create(wanted);
      await expect(docker().create(wanted)).rejects.toThrow(
        `another container is called '${wanted.name}'`,
      );
      await docker().rename(id, `${wanted.name}-old`);
      const successor = await docker().create(wanted);
      expect((await docker().container(wanted.name))?.id).toBe(successor);
      expect((await docker().container(id))?.name).toBe(`${wanted.name}-old`);
      await expect(docker().rename(id, wanted.name)).rejects.toThrow("another container");
    });

    test("an absent image is told by its name, and no secret with it", async () => {
      const wanted = request({ environment: { TOKEN: "s3cret" } }, { image: "ferry-absent:9" });
      const failure = docker().create(wanted);
      await expect(failure).rejects.toThrow("it has no image 'ferry-absent:9'");
      await expect(failure).rejects.not.toThrow("s3cret");
    });

    test("a host port serves one container", async () => {
      const ports = [
        { containerPort: 80, hostPort: fixture.freePort, protocol: "tcp" as const },
        { containerPort: 53, hostPort: fixture.freePort, protocol: "udp" as const },
      ];
      const { id } = await started({}, { ports });
      const taken = [`${fixture.freePort}/tcp`, `${fixture.freePort}/udp`];
      expect((await docker().container(id))?.publishedPorts).toEqual(taken);
      const second = started({}, { ports: ports.slice(0, 1) });
      await expect(second).rejects.toThrow(/port .*is already in use/);
    });

    test("the restart policy changes in place", async () => {
      const { id } = await started();
      await docker().setRestartPolicy(id, { name: "on-failure", maximumRetryCount: 3 });
      const state = await docker().container(id);
      expect(state?.restart).toEqual({ name: "on-failure", maximumRetryCount: 3 });
      await docker().setRestartPolicy(id, { name: "unless-stopped" });
      expect((await docker().container(id))?.restart).toEqual({ name: "unless-stopped" });
      expect((await docker().container(id))?.status).toBe("running");
    });

    test("limits change in place, and those that are not named stay", async () => {
      const { id } = await started({}, { cpus: 0.5, pidsLimit: 50 });
      const before = await docker().container(id);
      expect(before?.limits).toMatchObject({ cpus: 0.5, pidsLimit: 50 });
      const memory = { memoryBytes: 64 * 1024 ** 2, memorySwapBytes: 128 * 1024 ** 2 };
      await docker().setLimits(id, { ...memory, cpus: 0.25 });
      const { limits, startedAt, status } = (await docker().container(id))!;
      expect(limits).toMatchObject({ memoryBytes: memory.memoryBytes, cpus: 0.25, pidsLimit: 50 });
      expect({ startedAt, status }).toEqual({ startedAt: before?.startedAt, status: "running" });
    });

    test("a program that ends leaves its code and its last words", async () => {
      const command = ["sh", "-c", "echo one; echo two; echo three; exit 7"];
      const { id } = await started({}, { command });
      expect(await ended(id)).toMatchObject({ exitCode: 7, status: "exited" });
      expect(await docker().logs(id, 2)).toBe("two\nthree\n");
    });

    test("exec runs inside, and only in what runs", async () => {
      const { id } = await started();
      const argv = ["sh", "-c", "echo out; echo err >&2; exit 6"];
      const result = await docker().exec(id, argv, 10);
      expect(result).toEqual({ exitCode: 6, stdout: "out\n", stderr: "err\n" });
      await docker().kill(id, "SIGKILL");
      await docker().kill(id, "SIGKILL");
      await ended(id);
      await expect(docker().exec(id, ["true"], 10)).rejects.toThrow("is not running");
    });

    test("a volume is made once, mounted, kept while in use, and removed", async () => {
      const volume = `${fixture.prefix}-data`;
      const wanted = { name: volume, driver: "local", options: {}, labels };
      const state = await docker().createVolume(wanted);
      expect(state).toMatchObject({ name: volume, driver: "local", labels });
      expect(state.mountpoint).toContain(volume);
      expect(await docker().createVolume(wanted)).toEqual(state);
      expect(await docker().volume(volume)).toEqual(state);
      expect(await docker().volumes(labels)).toEqual([state]);

      const mounts = [{ type: "volume" as const, volume: "data", target: "/data" }];
      const { id } = await started({ volumeNames: { data: volume } }, { mounts });
      const { mountpoint } = state;
      const mounted = (await docker().container(id))?.mounts;
      expect(mounted).toEqual([{ volume, source: mountpoint, target: "/data" }]);
      await expect(docker().removeVolume(volume)).rejects.toThrow("containers still use it");
      await docker().remove(id);
      expect(await docker().volume(volume)).toEqual(state);
      await docker().removeVolume(volume);
      expect(await docker().volume(volume)).toBeUndefined();
    });

    test("a volume that nobody named is told from one that somebody did", async () => {
      const mounts = [{ type: "volume" as const, target: "/data" }];
      const { id } = await started({}, { mounts });
      const made = (await docker().container(id))?.mounts[0];
      expect(made).toMatchObject({ target: "/data", anonymous: true });
      expect(made?.volume).toMatch(/^[0-9a-f]{64}$/);

      const volume = made?.volume ?? "";
      const named = [{ type: "volume" as const, volume: "x", target: "/data" }];
      const other = await started({ volumeNames: { x: volume } }, { mounts: named });
      const byName = (await docker().container(other.id))?.mounts;
      expect(byName).toEqual([{ volume, source: made?.source, target: "/data" }]);
      await docker().remove(id);
      await expect(docker().removeVolume(volume)).rejects.toThrow("containers still use it");
      await docker().remove(other.id);
      await docker().removeVolume(volume);
    });

    test("an image goes out and comes in as a stream", async () => {
      const archive = await docker().saveImage(fixture.image);
      await docker().loadImage(archive);
      expect(await docker().image(fixture.image)).toBeDefined();
      await expect(docker().saveImage("ferry-absent:9")).rejects.toThrow("has no image");
    });

    test("an archive goes without layers that are where it comes to", async () => {
      const { id, content } = (await docker().image(fixture.image))!;
      const layers = content?.layers ?? [];
      expect(await docker().imageLayers()).toContainEqual(layers);
      await docker().loadImage(await docker().saveImage(fixture.image, layers));
      expect((await docker().image(fixture.image))?.id).toBe(id);
    });

    test("an archive that is none is refused", async () => {
      const rubbish = new PassThrough();
      rubbish.end("this is no archive".repeat(100));
      await expect(docker().loadImage(rubbish)).rejects.toThrow("loading an image failed");
    });

    test("what is no name never becomes part of a request", async () => {
      await expect(docker().container("../images/json")).rejects.toThrow("no name for a container");
      await expect(docker().create(request({ name: "a b" }))).rejects.toThrow("no name");
      await expect(docker().volume("a/b")).rejects.toThrow("no name for a volume");
      await expect(docker().image("a/../../b")).rejects.toThrow("no image reference");
    });
  });
}
