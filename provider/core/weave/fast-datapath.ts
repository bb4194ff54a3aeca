/** What decides between Weave's fast datapath and a plain bridge on a host. */
export interface DatapathFacts {
  readonly openVSwitch: boolean;
  /**
   * The kind of the interface called `weave`, where there is one: left by this router or by one
   * before it.
   */
  readonly bridge: "none" | "bridge" | "datapath";
}

/**
 * A router that finds a bridge of another kind than it wants does not start, so what is there
 * decides. Without Open vSwitch the fast datapath is ruled out at the first launch already: left to
 * itself, Weave falls back silently then, and refuses its own bridge at the next launch.
 */
export function usesFastDatapath({ openVSwitch, bridge }: DatapathFacts): boolean {
  return bridge === "none" ? openVSwitch : bridge === "datapath";
}
