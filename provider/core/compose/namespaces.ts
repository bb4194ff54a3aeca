import type { ContainerSpec } from "../container-spec";
import { network } from "../network";
import { hasOwnNetwork, joinedBy, JOINABLE } from "../replica/own-network";
import { setProperty, type ServiceDraft } from "./draft";
import { unlessEmpty, type SupportedField } from "./fields";
import { didYouMean } from "./name-rules";
import type { Place } from "./problems";
import { oneOf, text } from "./scalars";
import type { Content } from "./yaml";

const OTHERS =
  "service:x, or container:x by its `container_name`: that service's, which is on the same host and moves with it.";

export const NETWORK_MODE = `bridge, which changes nothing, none: no network at all, host: its host's network, see networks.md, or ${OTHERS}`;

/** "service:x" or "container:x" */
const ofAnother = (value: string) => /^(service|container):./.test(value);

export function networkMode(node: Content, at: Place, draft: ServiceDraft): void {
  const value = node === "" ? "bridge" : text(node, at);
  if (value === undefined || value === "bridge" || value === "default") return;
  if (value === "none") draft.noNetwork = true;
  else if (value === "host" || ofAnother(value)) setProperty(draft, "networkNamespace", value, at);
  else at.problem(`${at.show(value)} is not bridge, none, host or service:x. Remove it.`);
}

/** `ipc` and `pid`: one of these words, or that of another service. */
export function namespace(
  key: "ipcNamespace" | "pidNamespace",
  ...words: string[]
): SupportedField<ServiceDraft> {
  return unlessEmpty({
    how: `${words.join(", ")}, or ${OTHERS}`,
    parse(node, at, draft) {
      const isOther = typeof node === "string" && ofAnother(node);
      const value = isOther ? node : oneOf(...words)(node, at);
      if (value !== undefined) setProperty(draft, key, value, at);
    },
  });
}

/** What a service says that one without a network of its own cannot have. */
export function checkNamespaces(draft: ServiceDraft): void {
  const { container, ports, links, networks, setAt } = draft;
  if (hasOwnNetwork(container)) return;
  const onHost = container.networkNamespace === "host";
  networks[0]?.at.problem("is beside `network_mode`. Remove one of them.");
  links[0]?.at.problem(
    "is not for a container without a network of its own, which has no links. Remove it, or `network_mode`.",
  );
  if (onHost) {
    ports[0]?.at.note("is passed over: on its host's network a container publishes no ports.");
    draft.ports = [];
    return;
  }
  ports[0]?.at.problem(
    "is not for a container on another one's network. Publish it by the service whose network it is.",
  );
  for (const key of ["dns", "extraHosts"] as const)
    setAt
      .get(key)
      ?.problem(
        "is not for a container on another one's network. Give it to the service whose network it is.",
      );
}

/** Finds the services whose namespaces others are in; these start after them. */
export function resolveJoined(drafts: readonly ServiceDraft[]): void {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const byContainer = new Map(
    drafts.flatMap((draft) => draft.containerNames.map((name) => [name, draft] as const)),
  );
  for (const draft of drafts)
    for (const key of JOINABLE) {
      const at = draft.setAt.get(key);
      const said = draft.container[key] ?? "";
      if (at === undefined || !ofAnother(said)) continue;
      const other = said.slice(said.indexOf(":") + 1);
      const isService = said.startsWith("service:");
      // A fig file says "container:x" of a service as well.
      const named = isService || draft.context.format === "fig" ? byName.get(other) : undefined;
      const lead = named ?? (isService ? undefined : byContainer.get(other));
      if (lead === undefined)
        at.problem(
          isService
            ? `there is no service ${at.show(other)}.${didYouMean(other, byName.keys()) || " Name one that is there."}`
            : `no service of the file has the \`container_name\` ${at.show(other)}. Bring that container into this file.`,
        );
      else join(draft, key, lead, at);
    }
}

type Joinable = (typeof JOINABLE)[number];

function join(draft: ServiceDraft, key: Joinable, lead: ServiceDraft, at: Place): void {
  if (lead === draft) return void at.problem("is its own. Remove it.");
  const problem = whyNot(draft, key, lead);
  if (problem !== undefined) return void at.problem(problem);
  draft.container[key] = `service:${lead.name}`;
  if (draft.dependsOn.some(({ value }) => value.service === lead.name)) return;
  draft.dependsOn.push({ value: { service: lead.name, condition: "started" }, at });
}

function whyNot(draft: ServiceDraft, key: Joinable, lead: ServiceDraft): string | undefined {
  const { name, container } = lead;
  const theirs = container[key] ?? "";
  if (theirs === "host" || ofAnother(theirs))
    return `'${name}' has none of its own: it says '${theirs}'. Say the same here.`;
  if (key === "ipcNamespace" && theirs !== "shareable")
    return `'${name}' does not share its own. Give it \`ipc: shareable\`.`;
  if (lead.isJob === true) return `'${name}' is a job, and ends. Name a service that stays.`;
  const [mine = 1, there = 1] = [draft.scale, lead.scale];
  if (mine > there)
    return `'${name}' has ${there} replicas, and this one ${mine}: each is with one of the same number. Give both the same \`scale\`.`;
  return undefined;
}

/** Services whose namespaces the containers of this one are in. */
export const joinedServices = (container: ContainerSpec): string[] =>
  joinedBy(container, "service");

const NAMES =
  "is a further name of the service inside the deployment; containers keep Ferry's names, " +
  `\`<deployment>-<service>-<index>\`, and a host name that ${network.name}'s DNS knows them by.`;

const NO_NAMES =
  "is no name of the service: it has no network of its own, and the host name of that which it is on. Containers keep Ferry's names.";

/** Says what becomes of the names that its containers were to have. */
export function noteNames({ namedAt, container }: ServiceDraft): void {
  for (const at of namedAt) at.note(hasOwnNetwork(container) ? NAMES : NO_NAMES);
}
