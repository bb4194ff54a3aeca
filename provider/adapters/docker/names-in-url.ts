import { FerryError } from "../../core/errors";

/**
 * A name becomes part of a URL: what Docker would not take as one is refused before it can mean
 * another URL.
 */
export function nameInUrl(kind: "container" | "volume", name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return name;
  throw new FerryError({
    kind: "settings",
    reason: `'${name}' is no name for a ${kind}: letters, digits, "_", "." and "-" are allowed, the first a letter or digit.`,
  });
}

/** "redis:7", "example.org:5000/team/app:1", "app@sha256:...", or an image's id. */
export function imageInUrl(reference: string): string {
  const safe = /^[a-zA-Z0-9][\w./:@+-]*$/.test(reference) && !reference.includes("..");
  if (safe) return reference;
  const reason = `'${reference}' is no image reference, as in "redis:7".`;
  throw new FerryError({ kind: "settings", reason });
}

/** Docker pulls every tag there is when none is named. */
export function withTag(reference: string): { repository: string; tag: string } {
  const at = reference.indexOf("@");
  if (at > 0) return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(":");
  // A colon before the last slash belongs to the registry's port.
  if (colon > reference.lastIndexOf("/")) {
    return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
  }
  return { repository: reference, tag: "latest" };
}
