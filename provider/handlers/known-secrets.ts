/** Shorter ones are left: replacing every "a" would hide nothing and make the message unreadable. */
const SHORTEST = 3;
/** A part of a secret, such as a line of a key or the password in a URL, that is worth hiding by itself. */
const SHORTEST_PART = 8;

/**
 * Every secret that this run has come across. Whatever leaves the process in words goes through `hide`: errors, what is
 * wrong with inputs, progress. Docker, shells and hooks quote what they were given.
 */
export class KnownSecrets {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  learn(texts: readonly string[]): void {
    const before = this.#forms.size;
    for (const form of texts.flatMap(formsOf)) this.#forms.add(form);
    if (this.#forms.size > before) this.#pattern = undefined;
  }

  hide(text: string): string {
    if (this.#forms.size === 0) return text;
    this.#pattern ??= patternOf([...this.#forms]);
    return text.replace(this.#pattern, "***");
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

/** The longest first. In any case of letters: what is normalised for a comparison may be told so. */
function patternOf(forms: string[]): RegExp {
  const escaped = forms
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(escaped.join("|"), "gi");
}
