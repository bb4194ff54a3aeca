/**
 * Full names that a fake router was told, and their addresses. They are gone when the router ends.
 */
export class FakeNames {
  readonly #addresses = new Map<string, Set<string>>();

  add(name: string, addresses: readonly string[]): void {
    const named = this.#addresses.get(name) ?? new Set();
    for (const address of addresses) named.add(address);
    this.#addresses.set(name, named);
  }

  remove(name: string, addresses: readonly string[]): void {
    const named = this.#addresses.get(name);
    for (const address of addresses) named?.delete(address);
    if (named?.size === 0) this.#addresses.delete(name);
  }

  clear(): void {
    this.#addresses.clear();
  }

  all(): { name: string; addresses: string[] }[] {
    return [...this.#addresses]
      .map(([name, addresses]) => ({ name, addresses: [...addresses].sort() }))
      .sort((x, y) => (x.name < y.name ? -1 : 1));
  }
}
