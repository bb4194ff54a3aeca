import { application, problems, web, wrong } from "./helpers";

const FORMS = 'Write "data:/path", "/host/path:/path" or "/path", with :ro at will.';

describe("volumes of a service", () => {
  it.each<[string, object]>([
    ["data:/data", { type: "volume", volume: "data", target: "/data" }],
    ["data:/data/:ro", { type: "volume", volume: "data", target: "/data", readOnly: true }],
    ["data:/a/../b:rw", { type: "volume", volume: "data", target: "/b" }],
    ["/data", { type: "volume", target: "/data" }],
    ["/srv/a:/a:ro", { type: "bind", source: "/srv/a", target: "/a", readOnly: true }],
    ["{type: volume, source: data, target: /d}", { type: "volume", volume: "data", target: "/d" }],
    ["{type: volume, target: /d, read_only: false}", { type: "volume", target: "/d" }],
    [
      "{type: bind, source: /srv, target: /d, read_only: true}",
      { type: "bind", source: "/srv", target: "/d", readOnly: true },
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
    ["data:/data:z", ": the mode 'z' is not supported. Write ro or rw."],
    [
      "./src:/src",
      ": './src' is a path relative to this machine, and containers run on remote hosts. Use a named volume, or an absolute path that exists on every host.",
    ],
    [
      "~/src:/src",
      ": '~/src' is a path relative to this machine, and containers run on remote hosts. Use a named volume, or an absolute path that exists on every host.",
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
    ["{target: /d}", ": has no `type`. Say volume, bind or tmpfs."],
    ["{type: bind, target: /d}", ": has no `source`, the path on the host."],
    [
      "{type: bind, source: data, target: /d}",
      ".source: 'data' is not an absolute path on the host.",
    ],
    [
      "{type: volume, source: /d, target: /d}",
      ".source: '/d' is a path, and the type is volume. Say bind.",
    ],
    [
      "{type: npipe, target: /d}",
      ".type: the type 'npipe' is not supported. Use volume, bind or tmpfs.",
    ],
    ["{type: disk, target: /d}", ".type: 'disk' is none of volume, bind, tmpfs."],
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
      "{type: bind, source: /d, target: /d, bind: {propagation: shared}}",
      ".bind: not supported: a path is mounted as Docker does by default. Make the folder on every host first.",
    ],
  ])("refuses %s", (entry, message) => {
    expect(wrong(`volumes: [${quote(entry)}]`)).toEqual([`volumes[0]${message}`]);
  });

  it("mounts once at a path", () => {
    expect(wrong("volumes: ['data:/d', '/srv:/x', '/d/']\ntmpfs: /x")).toEqual([
      "volumes[2]: mounts at the same path as services.web.volumes[0]. Give each its own path.",
      "tmpfs: mounts at the same path as services.web.volumes[1]. Give each its own path.",
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

  it("refuses what a tmpfs has no use for", () => {
    expect(wrong("tmpfs: '/run:noexec'")).toEqual([
      "tmpfs: the tmpfs option 'noexec' is not supported. Use size and mode.",
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
      ".driver: 'a b' is not a volume driver's name. Write local, or the name of another driver that Ferry knows.",
    ],
    ["{driver_opt: {}}", ".driver_opt: unknown key. Did you mean 'driver_opts'?"],
    ["local", ": must be a mapping, and is a text."],
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
