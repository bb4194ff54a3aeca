import type { ContainerSpec } from "../container-spec";

type Namespaces = Pick<
  ContainerSpec,
  "networkNamespace" | "ipcNamespace" | "pidNamespace" | "utsNamespace"
>;

/** Namespaces of a container that may be those of another one. */
export const JOINABLE = ["networkNamespace", "ipcNamespace", "pidNamespace"] as const;

/** Whether a container is on the overlay, by an address and a name of its own. */
export const hasOwnNetwork = ({ networkNamespace }: Pick<Namespaces, "networkNamespace">) =>
  networkNamespace === undefined;

/** Whether it has a host's name of its own: one in another's namespace has that one's. */
export const hasOwnHostname = ({ networkNamespace, utsNamespace }: Namespaces) =>
  networkNamespace === undefined && utsNamespace === undefined;

/** Whose namespaces it is in: "service:x" of a file, or "container:ID" of a host. */
export function joinedBy(of: Namespaces, kind: "service" | "container"): string[] {
  const begin = `${kind}:`;
  const said = JOINABLE.map((key) => of[key]).filter(
    (each): each is string => typeof each === "string" && each.startsWith(begin),
  );
  return [...new Set(said.map((each) => each.slice(begin.length)))];
}
