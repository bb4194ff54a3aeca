import * as fc from "fast-check";
import {
  dataPath,
  folderIn,
  folderOptions,
  folderProblem,
  isWithin,
  parseFolder,
} from "../../../provider/core/volume/folder";

test.each([
  ["/", /has '.*' in it/],
  ["/var", /has '.*' in it/],
  ["/var/lib", /has '.*' in it/],
  ["/etc", /is the system's own/],
  ["/etc/app", /is in '\/etc'/],
  ["/var/run/docker.sock", /is in '\/var\/run'/],
  ["/var/lib/docker/volumes/x/_data", /is in '\/var\/lib\/docker'/],
  ["data", /no absolute path/],
  ["/srv/two\nlines", /line break/],
])("%j is nobody's data", (path, problem) => expect(folderProblem(path)).toMatch(problem));

test.each(["/srv", "/srv/app", "/data", "/home/anna/etc", "/var/lib/dockery", "/opt/a b"])(
  "%s may be",
  (path) => expect(folderProblem(path)).toBeUndefined(),
);

test("options that bind a folder have it, and no others", () => {
  expect(folderIn(folderOptions("/srv/app"))).toBe("/srv/app");
  expect(folderIn({ type: "nfs", o: "addr=10.0.0.1", device: ":/x" })).toBeUndefined();
  expect(folderIn({ ...folderOptions("/srv/app"), size: "1g" })).toBeUndefined();
  expect(folderIn({})).toBeUndefined();
});

test("a volume's data is in its folder where Ferry has made the volume for it, and nowhere else", () => {
  const volume = { name: "v", driver: "local", mountpoint: "/v", options: folderOptions("/srv/a") };
  expect(dataPath({ ...volume, labels: {} })).toBe("/v");
  expect(dataPath({ ...volume, labels: { "pulumi-ferry.folder": "made" } })).toBe("/srv/a");
});

test("a folder is within another one by whole names", () => {
  const name = fc.stringMatching(/^[a-z]{1,3}$/);
  const path = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join("/")}`);
  fc.assert(
    fc.property(path, path, (one, other) => {
      const parts = (of: string) => of.split("/").filter(Boolean);
      const wanted = parts(other).every((part, index) => parts(one)[index] === part);
      expect(isWithin(one, other)).toBe(wanted);
    }),
  );
});

test("what a host says of a folder is read", () => {
  expect(parseFolder("absent\n4096\n")).toEqual({ is: "absent", freeBytes: 4096 });
  expect(parseFolder("linked /mnt/a b\n1\n")).toEqual({
    ...{ is: "linked", real: "/mnt/a b", freeBytes: 1 },
  });
});
