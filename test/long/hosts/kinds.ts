/** Each kind of host that the lab makes, as three hosts: the replica moves from the first to the second. */
export const KINDS: Readonly<Record<string, readonly [string, string, string]>> = {
  "bookworm/20.10": alike("bookworm/20.10"),
  "trixie/26.1/overlay2": alike("trixie/26.1/overlay2"),
  "trixie/26.1/containerd": alike("trixie/26.1/containerd"),
  "trixie/28/overlay2": alike("trixie/28/overlay2"),
  "trixie/28/containerd": alike("trixie/28/containerd"),
  "trixie/29/overlay2": alike("trixie/29/overlay2"),
  "trixie/29/containerd": alike("trixie/29/containerd"),
  mixed: ["bookworm/20.10", "trixie/29/containerd", "trixie/28/overlay2"],
};

function alike(kind: string): [string, string, string] {
  return [kind, kind, kind];
}
