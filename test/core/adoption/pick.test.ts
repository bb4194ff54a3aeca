import fc from "fast-check";
import type { ContainerState } from "../../../provider/core/adapter-ports";
import { pickContainer, type Candidate } from "../../../provider/core/adoption/pick";

const REQUEST = { project: "my", service: "web" };

const candidate = (
  number: number,
  of: Partial<ContainerState> = {},
  host = "node1",
): Candidate => ({
  host,
  container: {
    ...{ id: `id-${number}`, name: `my-web-${number}`, status: "exited", startedAt: "" },
    labels: { "com.docker.compose.container-number": `${number}` },
    ...of,
  } as ContainerState,
});

const picked = (candidates: readonly Candidate[], index: number, replicas = 9) => {
  const found = pickContainer(candidates, { ...REQUEST, replicas }, index);
  return found.kind === "found" ? found.found.container.name : found.kind;
};

test("each replica gets another container, in the order of their numbers, in whatever order they come", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(numbers, (given) => {
      const candidates = given.map((number) => candidate(number));
      const inOrder = [...given].sort((a, b) => a - b).map((number) => `my-web-${number}`);
      expect(given.map((_number, index) => picked(candidates, index))).toEqual(inOrder);
      expect(picked(candidates, given.length)).toBe("none");
    }),
  );
});

test("neither a replica's own counts, nor one of Compose's `run`", () => {
  const labels = { "com.docker.compose.oneoff": "True" };
  expect(picked([candidate(1, { labels })], 0)).toBe("none");
  expect(picked([candidate(1, { labels: { "pulumi-ferry.replica": "x" } })], 0)).toBe("none");
});

test("of two with one number the one that runs counts, or else the newer one", () => {
  const old = candidate(1, { name: "old", startedAt: "2026-01-01" });
  const newer = candidate(1, { name: "newer", startedAt: "2026-02-01" });
  const up = (of: Candidate) => ({
    ...of,
    container: { ...of.container, status: "running" as const },
  });
  expect(picked([old, newer], 0)).toBe("newer");
  expect(picked([up(old), newer], 0)).toBe("old");
  expect(picked([up(old), up(newer)], 0)).toBe("unclear");
});

test("on two hosts it is unclear, and what is too many is told once", () => {
  expect(picked([candidate(1), candidate(1, {}, "node2")], 0)).toBe("unclear");
  const all = [candidate(1), candidate(2), candidate(3)];
  const left = (index: number) => {
    const found = pickContainer(all, { ...REQUEST, replicas: 2 }, index);
    return found.kind === "found" ? found.left.map(({ container }) => container.name) : [];
  };
  expect([left(0), left(1)]).toEqual([["my-web-3"], []]);
});
