/**
 * Shorter ones are left: replacing every "a" would hide nothing and make the message unreadable.
 */
const SHORTEST = 3;
/**
 * A part of a secret, such as a line of a key or the password in a URL, that is worth hiding by
 * itself.
 */
const SHORTEST_PART = 8;

/**
 * Every secret that this run has come across. Whatever leaves the process in words goes through
 * `hide`: errors, what is wrong with inputs, progress. Docker, shells and hooks quote what they
 * were given.
 */
export class KnownSecrets {
  readonly #learned = new Set<string>();
  readonly #forms = new Set<string>();
  /** The forms by their first letters: a message is compared with a few of thousands. */
  readonly #begun = new Map<string, string[]>();

  learn(texts: readonly string[]): void {
    for (const text of texts) {
      // Every replica brings the keys of all hosts.
      if (this.#learned.has(text)) continue;
      this.#learned.add(text);
      for (const form of formsOf(text)) this.#keep(folded(form));
    }
  }

  hide(text: string): string {
    if (this.#forms.size === 0) return text;
    const searched = folded(text);
    let shown = "";
    let from = 0;
    for (let at = 0; at < text.length;) {
      const length = this.#longestAt(searched, at);
      if (length === 0) at += 1;
      else {
        shown += `${text.slice(from, at)}***`;
        from = at += length;
      }
    }
    return from === 0 ? text : shown + text.slice(from);
  }

  #keep(form: string): void {
    if (this.#forms.has(form)) return;
    this.#forms.add(form);
    const begin = form.slice(0, SHORTEST);
    const others = this.#begun.get(begin);
    if (others === undefined) this.#begun.set(begin, [form]);
    else others.push(form);
  }

  #longestAt(text: string, at: number): number {
    const forms = this.#begun.get(text.slice(at, at + SHORTEST)) ?? [];
    return forms.reduce(
      (most, form) => (form.length > most && text.startsWith(form, at) ? form.length : most),
      0,
    );
  }
}

/** The secrets of this process, which serves one run. */
export const knownSecrets = new KnownSecrets();

/** As it is, part by part, and as these stand in JSON and in a quoted word of a shell. */
function formsOf(text: string): string[] {
  const whole = text.trim();
  if (whole.length < SHORTEST) return [];
  const parts = whole.split(/[\s"'`=:,;@|&/]+/).filter((part) => part.length >= SHORTEST_PART);
  const all = [text, whole, ...parts];
  return all.flatMap((form) => [
    form,
    JSON.stringify(form).slice(1, -1),
    form.replaceAll("'", "'\\''"),
  ]);
}

/**
 * In any case of letters, as what is normalised for a comparison may be told so; each letter stays
 * in its place.
 */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from({ length: text.length }, (_, i) => {
    const letter = text.charAt(i).toLowerCase();
    return letter.length === 1 ? letter : text.charAt(i);
  }).join("");
}
