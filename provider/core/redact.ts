const PRIVATE_KEY =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/**
 * Shorter strings are left: replacing every "a" would hide nothing and make the message unreadable.
 */
const SHORTEST = 3;

/**
 * Replaces every secret in a text by ***, the longest first, and anything that looks like a private
 * key.
 */
export function redactText(text: string, secrets: readonly (string | undefined)[]): string {
  const worthIt = secrets
    .flatMap((secret) => (secret === undefined ? [] : [secret, secret.trim()]))
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return worthIt
    .reduce((line, secret) => line.replaceAll(secret, "***"), text)
    .replace(PRIVATE_KEY, "***");
}
