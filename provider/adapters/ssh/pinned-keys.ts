import { connectFailure, type Endpoint } from "./failures";
import { describeKey, fingerprint, isTaken, parseHostKeys, type HostKeys } from "./host-key";

/** What it may show: what is pinned, else what it showed in this run, or in an earlier one. */
export function hostKeys(endpoint: Endpoint, knownKey: Buffer | undefined): HostKeys {
  const { hostKey, knownHostKey } = endpoint.settings;
  const text = hostKey ?? (knownKey ? describeKey(knownKey) : knownHostKey);
  if (text === undefined) return { pinned: [], revoked: [] };
  const keys = parseHostKeys(text);
  if (typeof keys !== "string") return keys;
  throw connectFailure(endpoint, {
    kind: "settings",
    reason: `its \`hostKey\` ${keys}`,
    advice: 'Write "ssh-ed25519 AAAA..." or "SHA256:..."',
    touched: "unsent",
  });
}

export function wrongKey(
  endpoint: Endpoint,
  { pinned, revoked }: HostKeys,
  shown: Buffer | undefined,
) {
  const seen = shown ? describeKey(shown) : undefined;
  if (pinned.length === 0) {
    return connectFailure(endpoint, {
      kind: "settings",
      reason: `no host key is pinned, and it shows ${seen ?? "none"}`,
      advice:
        `Compare that with \`ssh-keygen -lf\` on the host and write ` +
        `hostKey: "${shown ? fingerprint(shown) : "SHA256:..."}" in its connection, ` +
        `or trustOnFirstUse: true to accept any key`,
      touched: "unsent",
    });
  }
  if (shown && revoked.includes(fingerprint(shown))) {
    return connectFailure(endpoint, {
      kind: "refused",
      reason: `it shows ${describeKey(shown)}, which is revoked (@revoked)`,
      advice: "Give the host another key, and write that one as its `hostKey`",
      touched: "unsent",
    });
  }
  const each = pinned.map(({ type, fingerprint: print }) => `${type ? `${type} ` : ""}${print}`);
  const kinds = pinned.map(({ type }) => type ?? "pinned").join(", ");
  const found = seen ? `it shows ${seen}` : `it has no key of the kind ${kinds}`;
  const { hostKey } = endpoint.settings;
  return connectFailure(endpoint, {
    kind: "refused",
    reason: `the host key is wrong: expected ${each.join(" or ")}, but ${found}`,
    advice:
      "If the host was set up anew, write its new `hostKey`, else somebody may be in between" +
      (hostKey === undefined ? ". Expected is the key that it showed first (trustOnFirstUse)" : ""),
    touched: "unsent",
  });
}

/** A key that was pinned since must be the one that it has shown. */
export function requirePinned(endpoint: Endpoint, shown: Buffer): void {
  const { hostKey, knownHostKey } = endpoint.settings;
  const text = hostKey ?? knownHostKey;
  const keys = text === undefined ? undefined : parseHostKeys(text);
  if (typeof keys !== "object" || isTaken(keys, shown)) return;
  const expected = keys.pinned.map((key) => key.fingerprint).join(" or ");
  throw connectFailure(endpoint, {
    kind: "refused",
    reason: `the host key is wrong: expected ${expected}, but it shows ${describeKey(shown)}`,
    advice: "Write the right `hostKey` in its connection",
    touched: "unsent",
  });
}
