import { application, fileWith, problems, read, web, wrong } from "./helpers";

const FORMS = 'Write "data:/path", "/host/path:/path" or "/path", with :ro at will.';

describe("volumes_from", () => {
  const file = (entry: string, ofData: string) =>
    `services: {data: {image: d, volumes: [${ofData}]}, web: {image: w, volumes: ["own:/own"], volumes_from: [${entry}]}}\nvolumes: {own: {}, data: {}}`;
  const webOf = (text: string) => application(text).services.web!;

  it("brings named volumes and paths of a service that starts first, and its own count", () => {
    const { container, dependsOn } = webOf(file("data", '"data:/own", "data:/d:ro", "/srv:/srv"'));
    expect(container.mounts).toEqual([
      { type: "volume", volume: "own", target: "/own" },
      { type: "volume", volume: "data", target: "/d", readOnly: true },
      { type: "bind", source: "/srv", target: "/srv" },
    ]);
    expect(dependsOn).toEqual([{ service: "data", condition: "started" }]);
  });

  it("brings them read-only with :ro, and what travels with its files and folders", () => {
    const { container, files } = webOf(file("data:ro", '"data:/d", "./pages:/pages:ro"'));
    expect(container.mounts?.slice(1)).toEqual([
      { type: "volume", volume: "data", target: "/d", readOnly: true },
      { type: "file", file: "./pages", target: "/pages" },
    ]);
    expect(Object.keys(files ?? {})).toEqual(["./pages"]);
  });

  it.each<[string, string]>([
    ["container:old", "names a container, and those outside the deployment are no part of it."],
    ["data:rx", "'data:rx' is not a service."],
    ["web", "takes volumes of 'web', and there is no such other service."],
    ["data", "would share the volume at /anonymous, which has no name, so that no move could"],
  ])("refuses %s", (entry, message) => {
    const [only, ...more] = problems(file(entry, "/anonymous"));
    expect(only).toContain(`services.web.volumes_from[0]: ${message}`);
    expect(more).toEqual([]);
  });

  it("in a circle is a mistake", () => {
    const text = "services: {a: {image: a, volumes_from: [b]}, b: {image: b, volumes_from: [a]}}";
    expect(problems(text)).toEqual([
      "services.a.depends_on: goes in a circle: a -> b -> a. Remove one of them; a link may stay.",
    ]);
  });
});

describe("volumes of a service", () => {
  it.each<[string, object]>([
    ["data:/data", { type: "volume", volume: "data", target: "/data" }],
    ["data:/data/:ro", { type: "volume", volume: "data", target: "/data", readOnly: true }],
    ["data:/a/../b:rw", { type: "volume", volume: "data", target: "/b" }],
    ["/data", { type: "volume", target: "/data" }],
    ["/srv/a:/a:ro", { type: "bind", source: "/srv/a", target: "/a", readOnly: true }],
    ["{type: volume, source: data, target: /d}", { type: "volume", volume: "data", target: "/d" }],
    ["{type: volume, target: /d, read_only: false}", { type: "volume", target: "/d" }],
    ["/a:/x:rw,z", { type: "bind", source: "/a", target: "/x", selinux: "z" }],
    ["data:/x:Z", { type: "volume", volume: "data", target: "/x", selinux: "Z" }],
    ["data:/x:nocopy", { type: "volume", volume: "data", target: "/x", noCopy: true }],
    ["/a:/x:cached", { type: "bind", source: "/a", target: "/x" }],
    ["/a:/x:delegated", { type: "bind", source: "/a", target: "/x" }],
    [
      "/a:/x:ro,rslave",
      { type: "bind", source: "/a", target: "/x", readOnly: true, propagation: "rslave" },
    ],
    [
      "{type: bind, source: /a, target: /x, consistency: cached, bind: {create_host_path: true, selinux: Z}}",
      { type: "bind", source: "/a", target: "/x", createHostPath: true, selinux: "Z" },
    ],
    [
      "{type: bind, source: /a, target: /x, bind: {create_host_path: false, propagation: shared}}",
      { type: "bind", source: "/a", target: "/x", propagation: "shared" },
    ],
    [
      "{type: volume, source: data, target: /x, volume: {nocopy: true}}",
      { type: "volume", volume: "data", target: "/x", noCopy: true },
    ],
    [
      "{type: bind, source: /srv, target: /d, read_only: true}",
      { type: "bind", source: "/srv", target: "/d", readOnly: true },
    ],
    [
      "{type: volume, source: data, target: /t, volume: {subpath: a/./b/}}",
      { type: "volume", volume: "data", target: "/t", subPath: "a/b" },
    ],
    [
      "{type: tmpfs, target: /t, tmpfs: {size: 64m, mode: 01777}}",
      { type: "tmpfs", target: "/t", sizeBytes: 67108864, mode: 0o1777 },
    ],
  ])("%s", (entry, expected) => {
    expect(web(`volumes: [${quote(entry)}]`).container.mounts).toEqual([expected]);
  });

  it.each<[string, string]>([
    ["data", `: 'data' has no path in the container. ${FORMS}`],
    ["data:data", `: 'data' is not an absolute path in the container. ${FORMS}`],
    ["data:/", ": mounts over the container's root. Mount a folder."],
    ["a:/b:ro:x", `: 'a:/b:ro:x' is not a volume. ${FORMS}`],
    [":/b", `: ':/b' is not a volume. ${FORMS}`],
    [
      "data:/data:zz",
      ": the mode 'zz' is not known. Write ro, rw, z, Z, nocopy, or a propagation such as rslave.",
    ],
    [
      "~bob/src:/src",
      ": '~bob/src' is a path of one machine, and containers run on remote hosts. Use a path beside this file, a named volume, or an absolute path that exists on every host.",
    ],
    [
      "date:/data",
      ": there is no volume 'date'. Did you mean 'data'? Declare it under the top-level `volumes`.",
    ],
    [
      "da ta:/data",
      `: 'da ta' is not a volume's name: letters, digits, '_', '.' and '-'. ${FORMS}`,
    ],
    ["{type: volume, source: data}", ": has no `target`, the path in the container."],
    [
      "{type: volume, source: data, target: /t, volume: {subpath: ../b}}",
      ".volume.subpath: '../b' is no folder inside of the volume. Write a/b.",
    ],
    ["{target: /d}", ": has no `type`. Say volume, bind or tmpfs."],
    ["{type: bind, target: /d}", ": has no `source`, the path on the host."],
    [
      "{type: volume, source: /d, target: /d}",
      ".source: '/d' is a path, and the type is volume. Say bind.",
    ],
    [
      "{type: npipe, target: /d}",
      ".type: the type 'npipe' is not supported. Use volume, bind or tmpfs.",
    ],
    [
      "{type: disk, target: /d}",
      ".type: 'disk' is none of volume, bind, tmpfs. Write one of them.",
    ],
    [
      "{type: volume, target: /d, tmpfs: {size: 1m}}",
      ": has `tmpfs` options, and is a volume. Remove them.",
    ],
    [
      "{type: tmpfs, target: /d, source: data}",
      ": a tmpfs has neither `source` nor `read_only`. Remove them.",
    ],
    [
      "{type: tmpfs, target: /d, tmpfs: {mode: rwx}}",
      ".tmpfs.mode: 'rwx' is not a mode in octal. Write 1777 or 0755.",
    ],
    [
      "{type: bind, source: /d, target: /d, bind: {propagation: share}}",
      ".bind.propagation: 'share' is none of shared, slave, private, rshared, rslave, rprivate. Did you mean 'shared'?",
    ],
  ])("refuses %s", (entry, message) => {
    expect(wrong(`volumes: [${quote(entry)}]`)).toEqual([`volumes[0]${message}`]);
  });

  it("mounts once at a path: the last volume, as Compose does", () => {
    expect(web("tmpfs: [/y, '/y:size=1m']").container.mounts).toEqual([
      { type: "tmpfs", target: "/y", sizeBytes: 1024 ** 2 },
    ]);
    const text = fileWith("volumes: ['data:/d', '/srv:/d/', '/x']");
    expect(application(text).services.web?.container.mounts).toEqual([
      { type: "bind", source: "/srv", target: "/d" },
      { type: "volume", target: "/x" },
    ]);
    expect(read(text).warnings.map(({ path, reason }) => `${path}: ${reason}`)).toContain(
      "services.web.volumes[0]: is passed over: services.web.volumes[1] mounts at the same path. Remove one of them.",
    );
    expect(wrong("volumes: ['/srv:/x']\ntmpfs: [/x, /y]")).toEqual([
      "tmpfs[0]: mounts at the same path as services.web.volumes[0]. Give each its own path.",
    ]);
  });

  it.each<[string, object[]]>([
    ["/run", [{ type: "tmpfs", target: "/run" }]],
    [
      "'/run:size=1m,mode=755'",
      [{ type: "tmpfs", target: "/run", sizeBytes: 1048576, mode: 0o755 }],
    ],
    [
      "[/a, /b]",
      [
        { type: "tmpfs", target: "/a" },
        { type: "tmpfs", target: "/b" },
      ],
    ],
  ])("tmpfs: %s", (value, expected) => {
    expect(web(`tmpfs: ${value}`).container.mounts).toEqual(expected);
  });

  it("takes what Docker takes for a tmpfs, and refuses the rest", () => {
    expect(web("tmpfs: '/run:rw,noexec,nosuid,size=1k,uid=1000,gid=5'").container.mounts).toEqual([
      {
        type: "tmpfs",
        target: "/run",
        sizeBytes: 1024,
        options: ["rw", "noexec", "nosuid", "uid=1000", "gid=5"],
      },
    ]);
    expect(web("tmpfs: '/run:size=50%'").container.mounts).toEqual([
      { type: "tmpfs", target: "/run", options: ["size=50%"] },
    ]);
    expect(wrong("tmpfs: '/run:bind'")).toEqual([
      "tmpfs: the tmpfs option 'bind' is not known. Write size, mode, uid, gid, noexec, nosuid and the like.",
    ]);
  });
});

describe("top-level volumes", () => {
  const volume = (lines: string) =>
    application(`services: {a: {image: a, volumes: ['v:/v']}}\nvolumes: {v: ${lines}}`).volumes.v;
  const plain = { key: "v", driver: "local", driverOptions: {}, labels: {}, external: false };

  it.each<[string, object]>([
    ["", {}],
    ["{}", {}],
    ["{driver: flocker}", { driver: "flocker" }],
    [
      "{driver: local, driver_opts: {type: nfs, o: 'addr=192.0.2.1'}, labels: [a=1]}",
      { driverOptions: { type: "nfs", o: "addr=192.0.2.1" }, labels: { a: "1" } },
    ],
    ["{name: exactly}", { name: "exactly" }],
    ["{external: true}", { external: true, name: "v" }],
    ["{external: true, name: theirs}", { external: true, name: "theirs" }],
    ["{external: {name: theirs}}", { external: true, name: "theirs" }],
    ["{external: false}", {}],
    ["{driver: rbd, x-ferry: {scope: attach}}", { driver: "rbd", scope: "attach" }],
    ["{external: true, x-ferry: {scope: shared}}", { external: true, name: "v", scope: "shared" }],
  ])("%s", (lines, expected) => {
    expect(volume(lines)).toEqual({ ...plain, ...expected });
  });

  it.each<[string, string]>([
    [
      "{external: true, driver: nfs}",
      ": is external, and its driver, options and labels are not this file's. Remove them.",
    ],
    [
      "{name: x}",
      ".name: 'x' is not a name that Docker takes: two or more letters, digits, '_', '.' and '-'.",
    ],
    [
      "{driver: a b}",
      ".driver: 'a b' is not a volume driver's name. Write local, or the name of another driver that the hosts have.",
    ],
    [
      "{x-ferry: {scope: global}}",
      ".x-ferry.scope: 'global' is none of host, attach, shared. Write one of them.",
    ],
    ["{driver_opt: {}}", ".driver_opt: unknown key. Did you mean 'driver_opts'?"],
    ["local", ': must be a mapping, and is a text. Write "key: value" lines.'],
  ])("refuses %s", (lines, message) => {
    expect(
      problems(`services: {a: {image: a, volumes: ['v:/v']}}\nvolumes: {v: ${lines}}`),
    ).toEqual([`volumes.v${message}`]);
  });
});

describe("devices", () => {
  it.each<[string, object]>([
    ["/dev/a", { hostPath: "/dev/a", containerPath: "/dev/a", permissions: "rwm" }],
    ["/dev/a:/dev/b", { hostPath: "/dev/a", containerPath: "/dev/b", permissions: "rwm" }],
    ["/dev/a:r", { hostPath: "/dev/a", containerPath: "/dev/a", permissions: "r" }],
    ["/dev/a:/dev/b:rw", { hostPath: "/dev/a", containerPath: "/dev/b", permissions: "rw" }],
    [
      "{source: /dev/a, target: /dev/b, permissions: m}",
      { hostPath: "/dev/a", containerPath: "/dev/b", permissions: "m" },
    ],
  ])("%s", (entry, expected) => {
    expect(web(`devices: [${quote(entry)}]`).container.devices).toEqual([expected]);
  });

  it.each([
    "a",
    "/dev/a:/dev/b:x",
    "/dev/a:b:rwm",
    "vendor.com/class=name",
    "/dev/a:/b:rr",
    "/a:/b:r:w",
  ])("refuses %s", (entry) => {
    expect(wrong(`devices: [${quote(entry)}]`)).toEqual([
      'devices[0]: is not a device. Write "/dev/host", "/dev/host:/dev/container" or with ":rwm".',
    ]);
  });
});

function quote(entry: string): string {
  return entry.startsWith("{") ? entry : `'${entry}'`;
}
