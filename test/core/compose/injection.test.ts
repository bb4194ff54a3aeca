import fc from "fast-check";
import { stringify } from "yaml";
import { labelOf, type Service } from "../../../provider/core/application";
import { readCompose } from "../../../provider/core/compose";
import { filesFolder } from "../../../provider/core/files/model";
import { dockerVolumeName, replicaId } from "../../../provider/core/identity";
import { journalPath } from "../../../provider/core/move/journal";
import { replicaNames } from "../../../provider/core/replica/replica-names";

/** What a shell, a path, a label or a line of /etc/hosts would make something else of. */
const PARTS = [
  ...["$(touch x)", "`touch x`", ";touch x", "|touch x", "&", "&&", ">x", "<x", "'", '"', "\\"],
  ...["\n", "\r", "\t", " ", "\0", "../", "..", "/", "//", ".", "-", "--", "-rf", "*", "?", "~"],
  ...["${HOME}", "$$(id)", "{{.}}", "%s", "!", "#", "=", ":", ",", "@", "é", "\u202e", "\ufeff"],
  ...["127.0.0.1", "localhost", "__proto__", "constructor", "pulumi-ferry.replica", "a", "b1"],
];
const hostile = fc
  .array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(""));

/** Places in which a file's word becomes a name, a path or a part of one on a host. */
type Place = (word: string, other: string) => object;
const service = (web: object) => ({ services: { web: { image: "a:1", ...web } } });
const PLACES: readonly Place[] = [
  (word) => ({ services: { [word]: { image: "a:1" } } }),
  (word) => ({ name: word, ...service({}) }),
  (word) => service({ image: word }),
  (word) => service({ container_name: word }),
  (word, other) => service({ hostname: word, domainname: other }),
  (word) => service({ networks: { default: { aliases: [word] } } }),
  (word) => ({ ...service({ networks: [word] }), networks: { [word]: {} } }),
  (word) => ({ ...service({ volumes: [`${word}:/data`] }), volumes: { [word]: {} } }),
  (word) => ({ ...service({ volumes: ["data:/data"] }), volumes: { data: { name: word } } }),
  (word) => service({ volumes: [{ type: "bind", source: `/${word}`, target: "/data" }] }),
  (word) => service({ volumes: [{ type: "bind", source: `./${word}`, target: "/data" }] }),
  (word) => service({ volumes: [`/tmp:/${word}`] }),
  (word, other) => ({
    ...service({ secrets: [{ source: word, target: other }] }),
    secrets: { [word]: { file: "./secret" } },
  }),
  (word, other) => ({
    ...service({ configs: [{ source: "one", target: `/etc/${word}` }] }),
    configs: { one: { content: other } },
  }),
  (word, other) => service({ labels: { [word]: other } }),
  (word, other) => service({ environment: { [word]: other } }),
  (word) => service({ extra_hosts: [`${word}:127.0.0.1`] }),
  (word) => service({ links: [`web:${word}`] }),
  (word, other) => service({ user: word, working_dir: `/${other}` }),
  (word, other) => service({ build: { context: `./${word}`, dockerfile: other, target: word } }),
];

const identityOf = (of: Service) =>
  ({
    project: "shop",
    stack: "prod",
    deployment: "apples",
    service: labelOf(of),
    index: 0,
  }) as const;
const DOCKER_NAME = /^[a-zA-Z0-9][\w.-]*$/;
const HOST_NAME = /^[\w.-]+$/;
const PATH = /^(\/[\w.-]*[\w-][\w.-]*)+$/;

function expectHarmless(of: Service): void {
  const names = replicaNames({ ...identityOf(of), dnsDomain: "weave.local" });
  expect(names.containerName).toMatch(DOCKER_NAME);
  expect(names.dnsName).toMatch(HOST_NAME);
  for (const name of [...(of.names ?? []), ...of.links.map(({ alias }) => alias)])
    expect(name).toMatch(HOST_NAME);
  for (const { name } of of.container.extraHosts ?? []) expect(name).toMatch(HOST_NAME);
  expect(journalPath(replicaId(identityOf(of)))).toMatch(PATH);
  expect(filesFolder(replicaId(identityOf(of)))).toMatch(PATH);
  const { container, environment, files = {}, build } = of;
  for (const label of Object.keys(container.labels ?? {}))
    expect(label.startsWith("pulumi-ferry.")).toBe(false);
  for (const mount of container.mounts ?? []) {
    expect(mount.target.startsWith("/")).toBe(true);
    if (mount.type === "bind") expect(mount.source.startsWith("/")).toBe(true);
  }
  for (const key of Object.keys(environment)) expect(key).not.toMatch(/[=\0]/);
  for (const { path = "" } of Object.values(files)) expect(path).not.toContain("\0");
  expect(JSON.stringify([container, environment, build ?? ""])).not.toContain("\\u0000");
}

test("no name or value of a file becomes a command, a path or a label of Ferry's own", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.constantFrom(...PLACES), hostile, hostile, (place, word, other) => {
      const read = readCompose(stringify(place(word, other)), {
        fileName: "fig.yml",
        variables: {},
      });
      for (const { path, reason } of read.problems)
        expect(`${path}: ${reason}`).not.toMatch(/[\0\n\r]/);
      if (read.application === undefined || read.problems.length > 0) return;
      taken += 1;
      for (const each of Object.values(read.application.services)) expectHarmless(each);
      for (const { key, name } of Object.values(read.application.volumes))
        expect(name ?? dockerVolumeName("apples", key)).toMatch(DOCKER_NAME);
    }),
    { numRuns: 10_000 },
  );
  expect(taken).toBeGreaterThan(500);
});
