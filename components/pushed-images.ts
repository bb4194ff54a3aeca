import { all, output, type CustomResource, type CustomResourceOptions } from "@pulumi/pulumi";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { createRequire } from "module";
import { relative, resolve } from "path";
import { labelOf, type Service } from "../provider/core/application";
import { isRemote, type Build } from "../provider/core/build/build";
import { plainRegistry, registryOf } from "../provider/core/image/registry";
import { mistake } from "../provider/resources/mistake";
import type { BuiltImage } from "./built-images";
import type { RegistryArgs } from "./deployment-args";
import type { LoadedApplication } from "./load-application";
import type { RegistryLogin } from "./service-replica-args";

type ImageResource = new (
  name: string,
  args: Record<string, unknown>,
  opts?: CustomResourceOptions,
) => CustomResource & { readonly repoDigest: Output<string> };

export interface Pushing {
  readonly name: string;
  readonly deployment: string;
  readonly loaded: LoadedApplication;
  readonly registry: RegistryArgs;
  readonly parent: Resource;
}

/**
 * The image as @pulumi/docker builds it on the program's machine and pushes it: by its digest, so
 * that a host surely pulls that one. Its name has the hash that Ferry's own builds have.
 */
export function pushedImage(of: Pushing, service: Service, built: BuiltImage): Output<string> {
  const { name, loaded, registry, parent } = of;
  const where = `Deployment '${of.deployment}': service '${service.name}'`;
  requireKnown(where, service.build);
  const build = loaded.build(service) as Input<Build>;
  const { server, username, password, repository = server } = registry;
  const login = { server, ...(username && { username }), ...(password && { password }) };
  const Image = imagePackage();
  const image = new Image(
    `${name}-${labelOf(service)}`,
    {
      imageName: all([built.image, server, repository]).apply(([own, to, prefix]) =>
        nameIn({ server: to, repository: prefix }, own, where),
      ),
      registry: login,
      build: output(build).apply((said) => inDocker(loaded.folder, said)),
    },
    { parent },
  );
  return image.repoDigest;
}

/** Logins of hosts: what is pushed with one is pulled with it. */
export function loginsWith(
  { server, username, password }: RegistryArgs,
  registries: Input<Record<string, Input<RegistryLogin>>> = {},
): Output<Record<string, Input<RegistryLogin>>> {
  const own = username === undefined || password === undefined ? undefined : { username, password };
  return all([server, registries]).apply(([name, others]) =>
    own === undefined ? others : { [plainRegistry(name)]: own, ...others },
  );
}

function nameIn(
  { server, repository }: { readonly server: string; readonly repository: string },
  image: string,
  where: string,
): string {
  const [first = ""] = image.split("/");
  const hasRegistry = image.includes("/") && /[.:]|^localhost$/.test(first);
  if (!hasRegistry) return `${repository}/${image}`;
  if (registryOf(image) === plainRegistry(server)) return image;
  throw mistake(
    `${where}: its image '${image}' is of another registry than '${server}', which \`registry\` names. Leave the registry out of \`image\`.`,
  );
}

/** What @pulumi/docker has no word for. */
const UNKNOWN_THERE: Readonly<Partial<Record<keyof Build, string>>> = {
  dockerfileInline: "dockerfile_inline",
  labels: "labels",
  secrets: "secrets",
  ssh: "ssh",
  additionalContexts: "additional_contexts",
  ulimits: "ulimits",
  shmSizeBytes: "shm_size",
  noCache: "no_cache",
  pull: "pull",
};

function requireKnown(where: string, build: Build | undefined): void {
  const way = "Remove it, or leave out `registry`: the hosts build it then.";
  for (const key of Object.keys(build ?? {}) as (keyof Build)[]) {
    const word = UNKNOWN_THERE[key];
    if (word !== undefined)
      throw mistake(
        `${where}: build.${word}: with \`registry\` @pulumi/docker builds it, which has no such setting. ${way}`,
      );
  }
  if ((build?.platforms ?? []).length > 1)
    throw mistake(
      `${where}: build.platforms: with \`registry\` @pulumi/docker builds it, for one platform. Keep one of them.`,
    );
}

function inDocker(folder: string, build: Build): Record<string, unknown> {
  const { context, dockerfile, args, target, platforms, cacheFrom, network, extraHosts } = build;
  // State has these paths: they are the same on each machine, seen from the program.
  const beside = (...path: string[]) => relative(process.cwd(), resolve(folder, ...path)) || ".";
  const root = isRemote(context) ? context : beside(context);
  return {
    context: root,
    dockerfile: isRemote(context)
      ? (dockerfile ?? "Dockerfile")
      : beside(context, dockerfile ?? "Dockerfile"),
    ...(args && { args }),
    ...(target && { target }),
    ...(platforms?.[0] && { platform: platforms[0] }),
    ...(cacheFrom && { cacheFrom: { images: cacheFrom } }),
    ...(network && { network }),
    ...(extraHosts && { addHosts: extraHosts }),
  };
}

/** Installed by those who push: Ferry itself has no need of it. */
function imagePackage(): ImageResource {
  try {
    return (createRequire(__filename)("@pulumi/docker") as { Image: ImageResource }).Image;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw mistake(
      "`registry` builds and pushes images by resources of @pulumi/docker, which is not installed: `npm install @pulumi/docker`.",
    );
  }
}
