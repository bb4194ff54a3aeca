import { Readable } from "stream";
import type { ContainerInspectInfo } from "dockerode";
import { containerState, isProxied } from "../../provider/adapters/docker/container-state";
import {
  dockerFailure,
  dockerMessage,
  socketFailure,
} from "../../provider/adapters/docker/failures";
import { DOCKER_SOCKET } from "../../provider/adapters/docker/failures";
import { network } from "../../provider/core/network";
import { imageInUrl, nameInUrl, withTag } from "../../provider/adapters/docker/names-in-url";
import { demultiplex, readProgress } from "../../provider/adapters/docker/output";

/** What Docker 20.10 answers, without what nobody reads. */
const inspected = (more: object = {}) =>
  ({
    Id: "f".repeat(64),
    Name: "/apples-redis-0",
    Image: "sha256:abc",
    State: {
      Status: "running",
      Running: true,
      Pid: 4711,
      ExitCode: 0,
      Error: "",
      StartedAt: "2024-05-01T10:00:00.123456789Z",
      Health: { Status: "starting" },
    },
    Config: {
      Image: "redis:7",
      Env: ["A=1"],
      Labels: { team: "fruit" },
      Entrypoint: ["/w/w", "docker-entrypoint.sh"],
      StopTimeout: 90,
    },
    HostConfig: {
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "9999" }] },
    },
    NetworkSettings: {
      Ports: {
        "80/tcp": [
          { HostIp: "0.0.0.0", HostPort: "8080" },
          { HostIp: "::", HostPort: "8080" },
        ],
        "53/udp": [{ HostIp: "0.0.0.0", HostPort: "5353" }],
        "443/tcp": null,
      },
    },
    Mounts: [
      { Type: "volume", Name: "data", Source: "/v/data/_data", Destination: "/data" },
      { Type: "bind", Source: "/etc", Destination: "/etc" },
      { Type: "bind", Source: "/srv", Destination: "/srv", RW: false },
    ],
    ...more,
  }) as unknown as ContainerInspectInfo;

describe("inspect", () => {
  test("of a running container", () => {
    expect(containerState(inspected())).toEqual({
      id: "f".repeat(64),
      name: "apples-redis-0",
      image: "redis:7",
      imageId: "sha256:abc",
      labels: { team: "fruit" },
      status: "running",
      exitCode: 0,
      error: "",
      pid: 4711,
      health: "starting",
      restart: { name: "on-failure", maximumRetryCount: 3 },
      environment: ["A=1"],
      startedAt: "2024-05-01T10:00:00.123456789Z",
      mounts: [
        { volume: "data", source: "/v/data/_data", target: "/data" },
        { source: "/etc", target: "/etc" },
        { source: "/srv", target: "/srv", readOnly: true },
      ],
      stopTimeoutSeconds: 90,
      publishedPorts: ["5353/udp", "8080/tcp"],
    });
  });

  test("of one that was never started and says as little as it may", () => {
    const state = containerState(
      inspected({
        State: { Status: "created", ExitCode: 0, Error: "", Pid: 0, StartedAt: "0001-01-01" },
        Config: { Image: "redis:7", Env: null, Labels: null },
        HostConfig: {
          RestartPolicy: { Name: "" },
          PortBindings: { "80/tcp": [{ HostPort: "8080" }, { HostPort: "" }] },
        },
        NetworkSettings: { Ports: {} },
        Mounts: [],
      }),
    );
    expect(state).toMatchObject({ labels: {}, environment: [], restart: { name: "no" } });
    expect(state).toMatchObject({ health: "none", publishedPorts: ["8080/tcp"], mounts: [] });
  });

  test("tells volumes that Docker made for the container from those that were named", () => {
    const [made, legacy, listed] = ["a", "b", "c"].map((digit) => digit.repeat(64));
    const mount = (Name: string, Destination: string) => ({
      ...{ Type: "volume", Name, Source: `/v/${Name}`, Destination },
    });
    const Mounts = [mount(made!, "/m"), mount(legacy!, "/l"), mount(listed!, "/b")];
    const named = {
      Binds: [`${listed!}:/b:ro`],
      Mounts: [
        { Type: "volume", Target: "/m" },
        { Type: "volume", Source: legacy, Target: "/l" },
      ],
    };
    const anonymous = (HostConfig: object, mounts: object[] = Mounts) =>
      containerState(inspected({ HostConfig, Mounts: mounts })).mounts.map(
        (of) => of.anonymous ?? false,
      );
    expect(anonymous(named)).toEqual([true, false, false]);
    expect(anonymous({ Binds: null, Mounts: null })).toEqual([true, true, true]);
    expect(anonymous({ ...named, VolumesFrom: ["other"] })).toEqual([false, false, false]);
    expect(anonymous({}, [mount("data", "/data")])).toEqual([false]);
  });

  test("takes Weave's own program for no volume of the container's", () => {
    const Mounts = [{ Type: "volume", Name: "a".repeat(64), Source: "/v/w", Destination: "/w" }];
    const mounts = [{ source: "/v/w", target: "/w" }];
    expect(containerState(inspected({ Mounts })).mounts).toEqual(mounts);
  });

  test("shows whether Weave's proxy stands before the entry point", () => {
    expect(isProxied(inspected())).toBe(true);
    expect(isProxied(inspected({ Config: { Entrypoint: null } }))).toBe(false);
    expect(isProxied(inspected({ Config: { Entrypoint: "/bin/w" } }))).toBe(false);
  });
});

describe("what Docker writes", () => {
  const frame = (kind: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = kind;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };

  test("is taken apart", () => {
    const raw = Buffer.concat([
      frame(1, "out é\n"),
      frame(2, "err\n"),
      frame(1, ""),
      frame(1, "2\n"),
    ]);
    expect(demultiplex(raw, false)).toEqual({
      stdout: "out é\n2\n",
      stderr: "err\n",
      both: "out é\nerr\n2\n",
    });
    expect(demultiplex(Buffer.from("plain"), true).both).toBe("plain");
    expect(demultiplex(Buffer.alloc(0), false).both).toBe("");
    expect(demultiplex(frame(1, "cut off").subarray(0, 11), false).both).toBe("cut");
  });

  test("as it pulls is read to its end, and an error in it is found", async () => {
    const lines = [
      '{"status":"Pulling"}\n{"st',
      'atus":"é"}\r\n',
      "no json\n",
      '{"status":"Done"}',
    ];
    const read = (of: string[]) => readProgress(Readable.from(of.map((l) => Buffer.from(l))));
    expect(await read(lines)).toEqual({ loaded: [] });
    const failed = [...lines, '\n{"errorDetail":{"message":"denied"},"error":"denied: no"}\n'];
    expect(await read(failed)).toEqual({ error: "denied", loaded: [] });
    expect(await read(['{"error":"bare"}'])).toEqual({ error: "bare", loaded: [] });
    const came = ["Loaded image: redis:7\\n", "Loaded image ID: sha256:abc\\n"];
    expect(await read(came.map((line) => `{"stream":"${line}"}\n`))).toEqual({
      loaded: ["redis:7", "sha256:abc"],
    });
  });
});

describe("names", () => {
  test.each([
    ["redis", "redis", "latest"],
    ["redis:7", "redis", "7"],
    ["example.org:5000/a/b", "example.org:5000/a/b", "latest"],
    ["example.org:5000/a/b:1.2", "example.org:5000/a/b", "1.2"],
    ["redis@sha256:abc", "redis", "sha256:abc"],
  ])("%s is pulled as %s with %s", (reference, repository, tag) => {
    expect(withTag(imageInUrl(reference))).toEqual({ repository, tag });
  });

  test.each(["", "a/../b", "a b", "a?b", "a#b", "-a", "a%2f"])("%j is no image", (reference) => {
    expect(() => imageInUrl(reference)).toThrow("no image reference");
  });

  test.each(["", "a/b", "..", "a?force=1", "-a", "é"])("%j is no container", (name) => {
    expect(() => nameInUrl("container", name)).toThrow("is no name for a container");
  });
});

describe("Docker's errors", () => {
  const endpoint = { name: "node1", settings: { host: "10.0.0.1", user: "ferry" } };
  const said = (message: string) =>
    Object.assign(new Error(`(HTTP code 500) server error - ${message} `), {
      statusCode: 500,
      json: { message },
    });

  test.each([
    [
      'Conflict. The container name "/apples-redis-0" is already in use by container "0123abcd". You have to remove (or rename) that container to be able to reuse that name.',
      "another container is called 'apples-redis-0'. Remove or rename that one; it was left as it is.",
    ],
    [
      "driver failed programming external connectivity on endpoint web (0123): Bind for 0.0.0.0:8080 failed: port is already allocated",
      "port 0.0.0.0:8080 is already in use there. Free it or publish another; the container does not run.",
    ],
    [
      "driver failed programming external connectivity on endpoint web (0123): Error starting userland proxy: listen tcp4 0.0.0.0:22: bind: address already in use",
      "port 0.0.0.0:22 is already in use there. Free it or publish another; the container does not run.",
    ],
    [
      "failed to set up container networking: failed to bind host port 0.0.0.0:8080/tcp: address already in use",
      "port 0.0.0.0:8080 is already in use there. Free it or publish another; the container does not run.",
    ],
    ["No such image: redis:7", "it has no image 'redis:7'. Pull or load it there first."],
    [
      "write /var/lib/docker/tmp/GetImageBlob: no space left on device",
      "no space is left on its disk. Make room under Docker's directory, then run again.",
    ],
    [
      "remove data: volume is in use - [0123abcd]",
      "containers still use it (0123abcd). Remove those first; its data is untouched.",
    ],
    ["something  new\nhappened.", "something new happened."],
  ])("%s", (message, story) => {
    expect(dockerFailure(endpoint, "starting container 'x'", said(message)).message).toBe(
      `starting container 'x' failed on host 'node1' (10.0.0.1:22): ${story}`,
    );
  });

  test("that quote the environment do so without it", () => {
    const error = said("bad entry TOKEN=hunter2  of two\nlines and hunter2");
    const failure = dockerFailure(endpoint, "creating container 'x'", error, [
      "hunter2  of two\nlines",
    ]);
    expect(failure.message).toContain("bad entry TOKEN=*** and hunter2");
  });

  test("that are no JSON are told all the same", () => {
    expect(dockerMessage(new Error("(HTTP code 502) unexpected - Bad Gateway "))).toBe(
      "Bad Gateway",
    );
    expect(dockerMessage(Object.assign(new Error(""), { statusCode: 500 }))).toBe("error 500");
  });

  test.each([
    [DOCKER_SOCKET, "absent", "Docker is not running on host 'node1'"],
    [DOCKER_SOCKET, "denied", "user 'ferry' may not use Docker"],
    [DOCKER_SOCKET, "denied", "add user 'ferry' to the group docker"],
    [DOCKER_SOCKET, "silent", "AllowStreamLocalForwarding"],
    [network.socket, "absent", "Weave's proxy does not answer on host 'node1'"],
    [network.socket, "denied", "user 'ferry' may not use Weave's proxy"],
  ] as const)("%s that is %s: %s", (path, trouble, story) => {
    const { message } = socketFailure(endpoint, path, trouble);
    expect(message).toContain(story);
    expect(message).toContain("nothing was changed.");
  });
});
