import { all, getProject, getStack, output, secret, type Input, type Output } from "@pulumi/pulumi";
import { labelOf, type Service } from "../provider/core/application";
import {
  builtName,
  DOCKER_IMAGE,
  hashInName,
  SERVICE,
  type Build,
  type BuildRecipe,
} from "../provider/core/build/build";
import { canonicalJson } from "../provider/core/canonical-json";
import { FerryError } from "../provider/core/errors";
import { readBuild, readSecret } from "../provider/local/build-context";
import { mistake } from "../provider/resources/mistake";
import { isPlain } from "./known";
import type { LoadedApplication } from "./load-application";

/** An image that a service is built as. */
export interface BuiltImage {
  /** Its name, with the hash of what it is built from. */
  readonly image: Input<string>;
  /** For the provider's process, which builds it: a recipe, as JSON. Never in state. */
  readonly build: Output<string>;
}

/** What was read for a file, so that its services with one build read it once. */
const read = new WeakMap<LoadedApplication, Map<string, string>>();

/** The service's image, where the file says how it is built. */
export function builtImage(
  deployment: string,
  loaded: LoadedApplication,
  service: Service,
): BuiltImage | undefined {
  return imageOf({ deployment, loaded }, service, []);
}

interface Of {
  readonly deployment: string;
  readonly loaded: LoadedApplication;
}

/** `waiting` are the services that are built on it. */
function imageOf(of: Of, service: Service, waiting: readonly string[]): BuiltImage | undefined {
  const { deployment, loaded } = of;
  const said = loaded.build(service);
  if (said === undefined) return undefined;
  const { folder } = loaded;
  const where = `Deployment '${deployment}': service '${service.name}'`;
  if (waiting.includes(service.name))
    throw mistake(
      `${where}: build.additional_contexts: it is built on ${waiting.map((each) => `'${each}'`).join(", ")}, which in the end is built on it. Name another image.`,
    );
  const bases = basesOf(of, service, [...waiting, service.name]);
  const fields = bases === undefined ? said : { ...said, additionalContexts: bases.images };
  const given = loaded.container(service).image;
  const label = labelOf(service);
  const nameOf = (build: Build, image: string) =>
    builtName({ image, deployment, service: label, hash: hashOf(where, loaded, build) });
  // What a secret says is neither in the name nor in the way of it.
  const named = { ...fields, ...(service.build?.secrets && { secrets: service.build.secrets }) };
  const image = areKnown(named, given)
    ? nameOf(named as Build, given)
    : all([output(named), given]).apply(([build, name]) => nameOf(build as Build, name));
  const hidesArgs = !isPlain(said.args as Input<unknown>);
  const program = `${getProject()}/${getStack()}`;
  const recipeOf = (build: Build, name: string, others: readonly string[]): BuildRecipe => {
    requireSecrets(where, folder, build);
    const own = { image: name, hash: hashInName(name) ?? "", folder, build, hidesArgs, program };
    return others.length === 0 ? own : { ...own, bases: others };
  };
  const builds = bases?.builds ?? [];
  const recipe =
    areKnown(fields, image) && builds.length === 0
      ? JSON.stringify(recipeOf(fields as Build, image, []))
      : all([output(fields), image, all(builds)]).apply(([build, name, others]) =>
          JSON.stringify(recipeOf(build as Build, name, others)),
        );
  return { image, build: secret(recipe) };
}

const areKnown = (fields: object, other: Input<string>): other is string =>
  [other, ...(Object.values(fields) as Input<unknown>[])].every((value) => isPlain(value));

function requireSecrets(of: string, folder: string, { secrets = {} }: Build): void {
  for (const [id, secret] of Object.entries(secrets))
    inUserTerms(`${of}: build.secrets: '${id}'`, () => readSecret(folder, secret));
}

function inUserTerms<T>(of: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof FerryError ? mistake(`${of}: ${error.message}.`) : error;
  }
}

/** Contexts that are other services, as images. */
function basesOf(of: Of, service: Service, waiting: readonly string[]) {
  const { loaded } = of;
  const said = service.build?.additionalContexts ?? {};
  if (!Object.values(said).some((from) => from.startsWith(SERVICE))) return undefined;
  const builds: Output<string>[] = [];
  const images = Object.entries(said).map(([name, from]) => {
    const other = loaded.application.services[from.slice(SERVICE.length)];
    if (!from.startsWith(SERVICE) || other === undefined) return [name, from] as const;
    const built = imageOf(of, other, waiting);
    if (built !== undefined) builds.push(built.build);
    const image = built?.image ?? loaded.container(other).image;
    return [name, isPlain(image) ? inDocker(image) : output(image).apply(inDocker)] as const;
  });
  const found = Object.fromEntries(images);
  const isReady = Object.values(found).every((image) => isPlain(image as Input<string>));
  return { images: isReady ? (found as Record<string, string>) : all(found), builds };
}

const inDocker = (image: string): string => `${DOCKER_IMAGE}${image}`;

function hashOf(of: string, loaded: LoadedApplication, build: Build): string {
  const hashes = read.get(loaded) ?? new Map<string, string>();
  read.set(loaded, hashes);
  const key = canonicalJson({ ...build, secrets: Object.keys(build.secrets ?? {}) });
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const { hash } = inUserTerms(`${of}: build`, () => readBuild(loaded.folder, build));
  hashes.set(key, hash);
  return hash;
}
