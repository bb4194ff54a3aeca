import { BUILD_LABEL, type BuildRecipe } from "../../core/build/build";
import type { Host } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import { runsOn } from "../../core/image/platform";
import { buildOn, removeLeftContexts, type How } from "./build-on";

/** A host that has a built image, and what the image is called there. */
export interface Built {
  readonly host: Host;
  readonly name: string;
}

interface Asked extends How {
  readonly host: Host;
  /** Hosts that may have it already. */
  readonly others: readonly Host[];
  /** Brings what it is built on to the host, if it is to be built there. */
  readonly bring: () => Promise<void>;
}

/** Who builds, or has it, and how that goes. */
interface UnderWay {
  readonly on: Host;
  readonly built: Promise<Built>;
}

/**
 * Images that this run builds. Each is built once for each kind of processor, whoever asks for it
 * and by whatever name; everybody else waits, and has it from the host that it was built on.
 */
export class Builds {
  private readonly recipes = new Map<string, BuildRecipe>();
  private readonly bringing = new Map<string, Promise<unknown>>();
  private readonly underWay = new Map<string, UnderWay>();
  private readonly tidied = new Map<string, Promise<void>>();

  /** As JSON, by `check`. */
  say(recipe: string): void {
    const said = JSON.parse(recipe) as BuildRecipe;
    this.recipes.set(said.image, said);
    for (const base of said.bases ?? []) this.say(base);
  }

  recipe(image: string): BuildRecipe | undefined {
    return this.recipes.get(image);
  }

  /** Whether an image with this hash is anybody's in this program. */
  isWanted(hash: string): boolean {
    return [...this.recipes.values()].some((recipe) => recipe.hash === hash);
  }

  /** What brings the same thing to the same host is done once. */
  oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.bringing.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = work().finally(() => this.bringing.delete(key));
    this.bringing.set(key, made);
    return made;
  }

  /**
   * The host that has it, of those that may or by building it on this one. An attempt that failed
   * is not repeated by those who waited for it, unless it was its host that failed; who asks later
   * has it tried again.
   */
  async provide(recipe: BuildRecipe, asked: Asked): Promise<Built> {
    const { architecture } = await asked.host.docker.info();
    const key = `${recipe.hash} ${architecture}`;
    for (let known = this.underWay.get(key); known !== undefined; known = this.underWay.get(key)) {
      const built = await stillThere(known, asked.host);
      if (built !== undefined) return built;
      if (this.underWay.get(key) === known) this.underWay.delete(key);
    }
    const made = { on: asked.host, built: this.findOrBuild(recipe, asked, architecture) };
    this.underWay.set(key, made);
    made.built.catch(() => {
      if (this.underWay.get(key) === made) this.underWay.delete(key);
    });
    return made.built;
  }

  private async findOrBuild(
    recipe: BuildRecipe,
    { host, others, bring, ...how }: Asked,
    architecture: string,
  ): Promise<Built> {
    for (const other of [host, ...others]) {
      const name = await nameThere(recipe.hash, other, architecture).catch((error: unknown) => {
        // One that does not answer any more has none to give.
        if (other !== host && error instanceof FerryError) return undefined;
        throw error;
      });
      if (name !== undefined) return { host: other, name };
    }
    await this.tidyOnce(host, recipe);
    await bring();
    await buildOn(host, recipe, architecture, how);
    return { host, name: recipe.image };
  }

  /** Before the first build of this run there: later ones would take it from each other. */
  private tidyOnce(host: Host, recipe: BuildRecipe): Promise<void> {
    const known = this.tidied.get(host.name) ?? removeLeftContexts(host, recipe);
    this.tidied.set(host.name, known);
    return known;
  }
}

/** undefined where its host has it no more, or cannot be asked. */
async function stillThere({ on, built }: UnderWay, asking: Host): Promise<Built | undefined> {
  let where = on;
  try {
    const found = await built;
    where = found.host;
    return (await where.docker.image(found.name)) === undefined ? undefined : found;
  } catch (error) {
    if (where.name !== asking.name && isUnreachable(error, where)) return undefined;
    throw error;
  }
}

/** It is the host that is out of reach, and nothing of the program that is wrong. */
export function isUnreachable(error: unknown, host: Host): boolean {
  if (!(error instanceof FerryError) || error.fault.host !== host.name) return false;
  const { kind, ended } = error.fault;
  return kind === "silent" || kind === "refused" || ended === "was cut off";
}

/** What an image with this hash is called on a host that has it, for this kind of processor. */
async function nameThere(
  hash: string,
  host: Host,
  architecture: string,
): Promise<string | undefined> {
  const [name] = await host.docker.imageNames({ [BUILD_LABEL]: hash });
  const image = name === undefined ? undefined : await host.docker.image(name);
  return image !== undefined && runsOn(image.architecture, architecture) ? name : undefined;
}
