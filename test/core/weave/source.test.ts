import fc from "fast-check";
import { checkMesh } from "../../../provider/core/weave/mesh-inputs";
import { checkPeer, launchSettings } from "../../../provider/core/weave/peer-inputs";
import { parseRouterImage } from "../../../provider/core/weave/router-container";
import {
  commandPath,
  imageOwner,
  sourceOf,
  weaveSource,
} from "../../../provider/core/weave/source";

const peer = (more: object) =>
  checkPeer(
    {},
    {
      ...{ cluster: "net", host: "node1", connection: { host: "10.0.0.1" }, targets: [] },
      ...{ electors: 1, ipallocRange: "10.32.0.0/13", ...more },
    },
  );

test("a peer has it among its inputs, and nothing where the program says nothing", () => {
  const { inputs, problems } = peer({
    imageVersion: "2.9.0",
    images: "docker.io/rajchaudhuri",
    command: "/opt/weave",
  });
  expect(problems).toEqual([]);
  const source = { version: "2.9.0", images: "rajchaudhuri", command: "/opt/weave" };
  expect(sourceOf(inputs)).toEqual(source);
  expect(launchSettings(inputs)).toMatchObject({ imageVersion: "2.9.0", images: "rajchaudhuri" });
  expect(sourceOf(peer({}).inputs)).toEqual({});
  expect(Object.keys(peer({}).inputs)).not.toEqual(
    expect.arrayContaining(["images", "command"]) as string[],
  );
});

test("what is wrong is told by its name", () => {
  expect(peer({ images: "Mirror!", command: "weave" }).problems).toEqual([
    { property: "images", reason: expect.stringMatching(/^'Mirror!' is no owner of images/) },
    { property: "command", reason: expect.stringMatching(/^'weave' is not the path of/) },
  ]);
  expect(() => weaveSource({ version: "2.9.0;" })).toThrow("version '2.9.0;' is no version");
  expect(() => weaveSource("2.9.0")).toThrow("is not a set of version, images and command");
});

test("a peer of the mesh has it only where the program says so", () => {
  const mesh = (more: object) =>
    checkMesh(
      {},
      {
        ...{ cluster: "net", connections: { node1: { host: "10.0.0.1" } }, electors: 1 },
        peers: [{ host: "node1", address: "10.0.0.1", ...more }],
      },
    ).inputs.peers[0];
  expect(mesh({})).toEqual({ host: "node1", address: "10.0.0.1" });
  expect(mesh({ source: { command: "/opt/weave" } })).toMatchObject({
    source: { command: "/opt/weave" },
  });
});

test.each([
  "rajchaudhuri",
  "weaveworks",
  "registry.example/mirror",
  "registry.example:5000/a/b",
  "localhost:5000/weave_net",
])("%s may have images, and is read back from an image as it is", (owner) => {
  expect(imageOwner(owner)).toBe(owner);
  expect(parseRouterImage(`${owner}/weave:2.9.0`).images).toBe(owner);
});

test.each(["", "/", "a/", "/a", "a b", "a:1", "https://registry.example/a", "A B", "a//b", "$a"])(
  "%j may not",
  (owner) => {
    expect(() => imageOwner(owner)).toThrow();
  },
);

test("no path has anything that a shell would read, or that would pass for NAME=VALUE", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      let path: string;
      try {
        path = commandPath(`/${text}`);
      } catch {
        return;
      }
      expect(path).toMatch(/^[A-Za-z0-9/_.@%+:,-]+$/);
    }),
  );
  expect(commandPath("/usr/local/bin/weave")).toBe("/usr/local/bin/weave");
});
