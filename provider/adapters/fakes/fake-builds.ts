import { createHash } from "crypto";
import type { Docker, ImageState } from "../../core/adapter-ports";
import type { BuildRequest } from "../../core/build/build-request";
import type { FerryError } from "../../core/errors";
import { findImage } from "./fake-containers";
import type { FakeHost, FakeState } from "./fake-state";

type OnDocker = <T>(call: string, work: (host: FakeHost, state: FakeState) => T) => Promise<T>;
type Methods = "build" | "tagImage" | "imageNames" | "removeImage";

/**
 * What a Dockerfile says is not carried out, but for `FROM`, which must be there, and `RUN false`,
 * which fails. The image's id follows from all that went into it, as it does with BuildKit.
 */
export function fakeBuilds(
  onDocker: OnDocker,
  fail: (what: string, words: string) => FerryError,
): Pick<Docker, Methods> {
  return {
    async build(request, tell) {
      const content = await contentOf(request);
      return onDocker("docker.build", (host, { registry }) => {
        const what = `building image '${request.tag}'`;
        const stages = new Set(["scratch"]);
        for (const line of request.dockerfile.split("\n")) {
          const [, base, stage] = /^FROM (\S+)(?: AS (\S+))?/.exec(line) ?? [];
          if (base !== undefined) {
            tell(`FROM ${base}`);
            if (!stages.has(base) && !findImage(host, base) && registry[base] === undefined)
              throw fail(what, `step 'FROM ${base}': not found`);
            if (stage !== undefined) stages.add(stage);
          }
          if (line === "RUN false")
            throw fail(what, "step 'RUN false': exit code: 1. It wrote last: no luck");
        }
        host.images[request.tag] = imageOf(request, content, host.architecture);
        host.extra["builds"] = [...buildsOf(host), request.tag];
      });
    },

    tagImage: (reference, name) =>
      onDocker("docker.tagImage", (host) => {
        const image = findImage(host, reference);
        if (!image) throw fail(`naming image '${name}'`, `No such image: ${reference}`);
        host.images[name] = image;
      }),

    imageNames: (labels) =>
      onDocker("docker.imageNames", ({ images }) =>
        Object.keys(images).filter((name) => {
          const own = labelsOf(images[name]);
          return Object.entries(labels).every(([key, value]) => own[key] === value);
        }),
      ),

    removeImage: (reference) =>
      onDocker("docker.removeImage", (host) => {
        const image = findImage(host, reference);
        if (image === undefined) return true;
        const isLast = Object.values(host.images).filter(({ id }) => id === image.id).length === 1;
        if (isLast && host.containers.some(({ imageId }) => imageId === image.id)) return false;
        host.images = Object.fromEntries(
          Object.entries(host.images).filter(([name]) => name !== reference),
        );
        return true;
      }),
  };
}

/** What was built on a host, in order. */
export const buildsOf = (host: FakeHost): string[] =>
  (host.extra["builds"] as string[] | undefined) ?? [];

async function contentOf({ context, dockerfile, secrets }: BuildRequest): Promise<string> {
  const hash = createHash("sha256")
    .update(dockerfile)
    .update(JSON.stringify(Object.keys(secrets)));
  for (const entry of context) {
    hash.update(`\0${entry.path}\0${entry.kind}\0${entry.mode}\0`);
    for await (const chunk of entry.read()) hash.update(chunk);
  }
  return hash.digest("hex");
}

function imageOf(
  { labels, args }: BuildRequest,
  content: string,
  architecture: string,
): ImageState {
  const id = createHash("sha256")
    .update(content)
    .update(JSON.stringify([labels, args]));
  return {
    id: `sha256:${id.digest("hex")}`,
    sizeBytes: 1000,
    architecture,
    content: { layers: [`sha256:${content}`], config: { Labels: labels } },
  };
}

function labelsOf(image: ImageState | undefined): Record<string, string> {
  return (image?.content?.config["Labels"] as Record<string, string> | undefined) ?? {};
}
