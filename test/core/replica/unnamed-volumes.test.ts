import fc from "fast-check";
import { LABELS } from "../../../provider/core/identity";
import type { ContainerRequest } from "../../../provider/core/adapter-ports";
import {
  keepingUnnamedVolumes,
  namedVolumes,
  unnamedLabel,
  unnamedVolumes,
} from "../../../provider/core/replica/unnamed-volumes";

const HEX = "0d3f".repeat(16);
const OTHER = "beef".repeat(16);
const labels = { team: "fruit" };
const mount = (volume: string, more: object = {}) => ({
  volume,
  source: `/v/${volume}`,
  target: "/data",
  ...more,
});
const names = (volumes: readonly { name: string; made: boolean }[]) =>
  volumes.filter(({ made }) => made).map(({ name }) => name);

test("what Docker made for the container is its own", () => {
  const container = { labels, mounts: [mount(HEX, { anonymous: true }), mount("data")] };
  expect(unnamedVolumes(container)).toEqual([{ name: HEX, target: "/data", made: true }]);
  expect(namedVolumes(container)).toEqual(["data"]);
});

test("a name that Docker once made up is not enough, whatever the program does now", () => {
  const byName = { labels, mounts: [mount(HEX)] };
  expect(names(unnamedVolumes(byName))).toEqual([]);
  expect(namedVolumes(byName)).toEqual([HEX]);
  const external = { labels: unnamedLabel({ data: HEX }), mounts: [mount(HEX)] };
  expect(unnamedVolumes(external)).toEqual([]);
});

test("what a container took over of the one before it is its own, and nothing else is", () => {
  const request = {
    name: "r",
    spec: { image: "redis:7", mounts: [{ type: "volume", volume: "x", target: "/x" }] },
    volumeNames: { x: OTHER },
    labels: { ...labels, ...unnamedLabel({ x: OTHER }) },
  } as unknown as ContainerRequest;
  const kept = keepingUnnamedVolumes(request, [{ name: HEX, target: "/data", made: true }]);
  expect(kept.labels).toEqual({ ...labels, [LABELS.unnamed]: HEX });
  expect(kept.volumeNames).toEqual({ x: OTHER, "unnamed:/data": HEX });
  const next = { labels: kept.labels, mounts: [mount(HEX), mount(OTHER, { target: "/x" })] };
  expect(unnamedVolumes(next)).toEqual([{ name: HEX, target: "/data", made: true }]);
});

test("what is not certain stays mounted and is never claimed", () => {
  const request = { name: "r", spec: { image: "redis:7" }, volumeNames: {}, labels };
  const [uncertain] = unnamedVolumes({ labels, mounts: [mount(HEX)] });
  expect(uncertain).toEqual({ name: HEX, target: "/data", made: false });
  const kept = keepingUnnamedVolumes(request as unknown as ContainerRequest, [uncertain!]);
  expect(kept.labels).toEqual(labels);
  expect(kept.volumeNames).toEqual({ "unnamed:/data": HEX });
});

test("whatever is mounted, only what Docker made or a container took over is ever claimed", () => {
  const volume = fc.constantFrom(HEX, OTHER, "data", "legacy");
  const mounts = fc.array(fc.record({ volume, anonymous: fc.boolean() }), { maxLength: 4 });
  const takenOver = fc.option(fc.subarray([HEX, OTHER]), { nil: undefined });
  fc.assert(
    fc.property(mounts, takenOver, (of, before) => {
      const container = {
        labels: before === undefined ? labels : { [LABELS.unnamed]: before.join(",") },
        mounts: of.map(({ volume: name, anonymous }) => mount(name, { anonymous })),
      };
      for (const name of names(unnamedVolumes(container))) {
        const made = of.some((each) => each.volume === name && each.anonymous);
        expect(made || before?.includes(name)).toBe(true);
      }
    }),
  );
});
