import { createHash } from "crypto";
import { hasOwnNetwork } from "../replica/own-network";
import type { ServiceDraft } from "./draft";
import { MAX_DNS_LABEL, validateDnsLabel } from "./name-rules";

const HASH = 6;

/**
 * The DNS label of a service whose name is none, such as web_app: made of the name, and of its
 * hash, so that web_app, web-app and Web_App have different ones.
 */
export function labelOf(name: string): string | undefined {
  if (validateDnsLabel(name) === undefined) return undefined;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH);
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, MAX_DNS_LABEL - HASH - 1)
    .replace(/^-+|-+$/g, "");
  return `${readable === "" ? "service" : readable}-${hash}`;
}

/** Tells of names that no service can have, and of what becomes of the others. */
export function checkServiceName({ name, at, context }: ServiceDraft): void {
  if (!/^[a-zA-Z0-9._-]{1,253}$/.test(name))
    return void at.problem(
      "the service's name may have letters, digits, '.', '_' and '-' only, and 253 of them at most. Rename it.",
    );
  const label = labelOf(name);
  if (label === undefined) return;
  if (context.services.has(label))
    return void at.problem(`its DNS label '${label}' is another service's name. Rename that one.`);
  at.note(
    `is '${label}' in DNS and in containers' names, as its own is no DNS label; inside the deployment its own works too.`,
  );
}

/** The further names of a service; what is another service's name already stays that one's. */
export function furtherNames(draft: ServiceDraft): string[] {
  const { name, names, hostname, domainname, context, container } = draft;
  if (!hasOwnNetwork(container)) return [];
  const own = labelOf(name) === undefined ? [] : [name];
  const whole =
    hostname === undefined || domainname === undefined ? [] : [`${hostname}.${domainname}`];
  const others = names.map(({ value }) => value).filter((each) => !context.services.has(each));
  return [...new Set([...own, ...others, ...whole])];
}

/** A name that another service has as its own: the line says who keeps it. */
export function noteTakenNames({ name, names, context }: ServiceDraft): void {
  for (const { value, at } of names)
    if (value !== name && context.services.has(value))
      at.note("is another service's name, which keeps it.");
}
