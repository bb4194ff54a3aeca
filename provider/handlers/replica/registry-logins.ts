import type { RegistryCredentials } from "../../core/adapter-ports";
import { credentialsIn, plainRegistry, type Registries } from "../../core/image/registry";

type Login = Promise<RegistryCredentials | undefined>;

/** What this run knows to log in to registries with: the program's word, else this machine's. */
export class RegistryLogins {
  private readonly said = new Map<string, RegistryCredentials>();
  private readonly asked = new Map<string, Login>();

  constructor(private readonly ofMachine: (registry: string) => Login) {}

  /** As JSON, by `check`. */
  say(registries: string): void {
    const all = JSON.parse(registries) as Registries;
    for (const name of Object.keys(all).map(plainRegistry)) {
      const found = credentialsIn(all, name);
      if (found !== undefined) this.said.set(name, found);
    }
  }

  async of(registry: string): Login {
    const name = plainRegistry(registry);
    return this.said.get(name) ?? this.askOnce(name);
  }

  /** A run asks the machine once for each; what failed is asked again. */
  private askOnce(name: string): Login {
    const known = this.asked.get(name) ?? this.ofMachine(name);
    this.asked.set(name, known);
    known.catch(() => this.asked.delete(name));
    return known;
  }
}
