import type { LastMove } from "../replica/model";

/**
 * What `lastMove` says of a replica on this host. Its figures are those of one run that saw its
 * move from beginning to end. A move that a later run finished has none, and those of an earlier
 * one are not its own: they went to another host.
 */
export function lastMoveTo(
  host: string,
  of: { readonly lastMove?: LastMove } = {},
): { readonly lastMove?: LastMove } {
  const { lastMove } = of;
  return lastMove?.to === host ? { lastMove } : {};
}
