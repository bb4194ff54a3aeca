import { LabError } from "./errors";

/** What a host is made of. */
export interface HostKind {
  /** Debian's release. */
  suite: Suite;
  /** The release's own Docker, one that is built from its Go module, or none at all. */
  docker: DockerName;
  /** Where Docker keeps images: in its own store, or in containerd's. */
  store: Store;
  weave: WeaveName;
}

export const suites = ["bookworm", "trixie"] as const;
export type Suite = (typeof suites)[number];

export const stores = ["overlay2", "containerd"] as const;
export type Store = (typeof stores)[number];

/**
 * `weave-2.6.5` is Weave Net as it was released. `weave-as-reweave` is the same source, edited to
 * what the fork reWeave 2.9.0 does towards Docker (setup/weave.ts); reWeave itself is not among the
 * Go modules.
 */
export const weaveNames = ["weave-2.6.5", "weave-as-reweave"] as const;
export type WeaveName = (typeof weaveNames)[number];

interface DockerFacts {
  /** The release on which it runs: its containerd and runc must be new enough. */
  suite: Suite;
  /** In the release's own packages; else built. */
  packaged: boolean;
  /** The Weave that starts with it. */
  weave: WeaveName;
}

/** `none`: a machine that has sshd and nothing else, which is yet to be prepared. */
export const dockerNames = ["20.10", "26.1", "28", "29", "none"] as const;
export type DockerName = (typeof dockerNames)[number];
export type BuiltDocker = "28" | "29";

const dockers: Record<DockerName, DockerFacts> = {
  "20.10": { suite: "bookworm", packaged: true, weave: "weave-2.6.5" },
  "26.1": { suite: "trixie", packaged: true, weave: "weave-as-reweave" },
  "28": { suite: "trixie", packaged: false, weave: "weave-as-reweave" },
  "29": { suite: "trixie", packaged: false, weave: "weave-as-reweave" },
  none: { suite: "trixie", packaged: true, weave: "weave-as-reweave" },
};

export function isBuilt(docker: DockerName): docker is BuiltDocker {
  return !dockers[docker].packaged;
}

/** Some parts of a kind; the others follow from them. */
export type KindChoice = Partial<HostKind>;

function packagedWith(suite: Suite): DockerName {
  const found = dockerNames.find((name) => dockers[name].packaged && dockers[name].suite === suite);
  if (found === undefined) throw new LabError(`Debian '${suite}' has no Docker of its own here.`);
  return found;
}

/** Fills in what was not chosen: bookworm with its own Docker, where nothing was. */
export function completeKind(choice: KindChoice): HostKind {
  const suite = choice.suite ?? (choice.docker ? dockers[choice.docker].suite : "bookworm");
  const docker = choice.docker ?? packagedWith(suite);
  const facts = dockers[docker];
  if (facts.suite !== suite) {
    throw new LabError(`Docker ${docker} runs on ${facts.suite} here, not on ${suite}.`, 2);
  }
  const store = choice.store ?? "overlay2";
  if (store === "containerd" && docker === "20.10") {
    throw new LabError("Docker 20.10 has no containerd store; choose 26.1 or later.", 2);
  }
  return { suite, docker, store, weave: choice.weave ?? facts.weave };
}

/** What a host is where nothing else was asked for. */
export const defaultKind: HostKind = completeKind({});

const vocabulary: { [Part in keyof HostKind]: readonly HostKind[Part][] } = {
  suite: suites,
  docker: dockerNames,
  store: stores,
  weave: weaveNames,
};

export function isPart(word: string): word is keyof HostKind {
  return Object.hasOwn(vocabulary, word);
}

/** Chooses one part by its word. */
export function choose(choice: KindChoice, part: keyof HostKind, word: string): KindChoice {
  const words: readonly string[] = vocabulary[part];
  if (!words.includes(word)) {
    throw new LabError(
      `There is no ${part} '${word}' in the lab; there is ${words.join(", ")}.`,
      2,
    );
  }
  return { ...choice, [part]: word };
}

/**
 * `trixie/29/containerd`: the parts in any order, since no word means two things; what is left out
 * follows.
 */
export function parseKind(text: string): KindChoice {
  return text.split("/").reduce<KindChoice>((choice, word) => {
    const part = (Object.keys(vocabulary) as (keyof HostKind)[]).find((each) =>
      (vocabulary[each] as readonly string[]).includes(word),
    );
    if (part === undefined) {
      const words = Object.values(vocabulary).flat().join(", ");
      throw new LabError(`'${word}' in '${text}' is no part of a host; there is ${words}.`, 2);
    }
    if (choice[part] !== undefined) throw new LabError(`'${text}' names two of ${part}.`, 2);
    return choose(choice, part, word);
  }, {});
}

export function formatKind(kind: HostKind): string {
  return [kind.suite, kind.docker, kind.store, kind.weave].join("/");
}
