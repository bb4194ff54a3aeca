import { application, problems } from "./helpers";

/** Absolute folders that `x-ferry: {moves: true}` makes data. */

const long = (source: string, more = "") =>
  `{type: bind, source: ${source}, target: /c, x-ferry: {moves: true}${more}}`;
const services = (...volumes: string[]) =>
  `services:\n${volumes.map((each, i) => `  s${i}: {image: a, volumes: [${each}]}`).join("\n")}`;
const mountsOf = (text: string) =>
  Object.values(application(text).services).map(({ container }) => container.mounts);

test("a folder that moves is a volume of that folder, and one for all that mount it", () => {
  const text = services(long("/srv/app/"), "/srv/app:/seen:ro", "/srv/other:/c");
  const { volumes } = application(text);
  expect(Object.values(volumes)).toMatchObject([
    {
      driver: "folder",
      driverOptions: { type: "none", o: "bind", device: "/srv/app" },
      external: false,
    },
  ]);
  const [volume] = Object.keys(volumes);
  expect(mountsOf(text)).toEqual([
    [{ type: "volume", volume, target: "/c", noCopy: true }],
    [{ type: "volume", volume, target: "/seen", readOnly: true, noCopy: true }],
    [{ type: "bind", source: "/srv/other", target: "/c" }],
  ]);
});

test("of a service it means its folders that may be written to, but the system's own", () => {
  const text = `services:
  web:
    image: a
    x-ferry: {moves: true}
    volumes:
      - /srv/app:/data
      - /srv/shared:/shared:ro
      - /var/run/docker.sock:/var/run/docker.sock
      - {type: bind, source: /srv/logs, target: /logs, x-ferry: {moves: false}}`;
  const [mounts] = mountsOf(text);
  expect(mounts!.map(({ type }) => type)).toEqual(["volume", "bind", "bind", "bind"]);
});

test.each([
  [services(long("/etc/app")), /is in '\/etc', which is the system's own, and does not move/],
  [services(long("/")), /has '.*' in it/],
  [services(long("/srv/app", ", bind: {propagation: rslave}")), /has a propagation/],
  [services(long("/srv/app"), "/srv/app:/c:rslave"), /has a propagation/],
  [services(long("/srv/app"), long("/srv/app/sub")), /has in it .*\/srv\/app\/sub.*which moves/],
  [services(long("/srv/app"), "/srv/app/sub:/c:ro"), /is in .*\/srv\/app.*, which moves/],
  [services(long("/srv/app"), "/srv:/c"), /has in it .*\/srv\/app.*, which moves/],
])("%s is refused in words", (text, reason) => {
  expect(problems(text).join("\n")).toMatch(reason);
});
