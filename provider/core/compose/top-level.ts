import type { Volume } from "../application";
import { DEFAULT_DRIVER } from "../volume/driver";
import { SCOPES } from "../volume/scope";
import type { Mutable } from "./draft";
import { into, readFields, withoutEffect, type FieldTable } from "./fields";
import { readNamedFiles, type NamedFile } from "./fields/files";
import { refusedTopLevelKeys } from "./fields/refused";
import { driverName } from "./fields/storage";
import { readNetworks, type ComposeNetwork } from "./networks";
import { isDockerName } from "./name-rules";
import type { Place } from "./problems";
import { boolean, mapping, matching, oneOf, record, text, type Parser } from "./scalars";
import { isMapping, type Mapping, type Node } from "./yaml";

/** A compose file as far as it has been read: services are read once the volumes are known. */
export interface FileDraft {
  name?: string;
  readonly volumes: Map<string, Volume>;
  services?: Mapping;
  networks?: ReadonlyMap<string, ComposeNetwork>;
  secrets?: ReadonlyMap<string, NamedFile>;
  configs?: ReadonlyMap<string, NamedFile>;
}

type VolumeDraft = Partial<Mutable<Volume>>;

/** `x-ferry` of a volume. */
export const volumeWords: FieldTable<Pick<VolumeDraft, "scope">> = {
  scope: into(
    "scope",
    oneOf(...SCOPES),
    "Where its data can be reached: `host`, `attach` (one host at a time) or `shared`; what is known of the driver when absent.",
  ),
};

const dockerName: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined || isDockerName(value)) return value;
  return at.problem(
    `${at.show(value)} is not a name that Docker takes: two or more letters, digits, '_', '.' and '-'.`,
  );
};

export const volumeFields: FieldTable<VolumeDraft> = {
  driver: into("driver", driverName, "A volume driver that the hosts have; local when absent."),
  driver_opts: into("driverOptions", record, "The driver's options."),
  labels: into("labels", record, "Mapping, or list of name=value."),
  name: into(
    "name",
    dockerName,
    "The volume's name on the host, in place of `<deployment>_<key>`.",
  ),
  "x-ferry": {
    how: "Ferry's own words; see below.",
    parse: (node, at, draft) => void readFields(volumeWords, node, at, draft),
  },
  external: {
    how: "true: made by somebody else, never made or deleted by Ferry. `name` says which; its key when absent.",
    parse(node, at, draft) {
      if (!isMapping(node)) {
        const external = boolean(node, at);
        if (external !== undefined) draft.external = external;
        return;
      }
      draft.external = true;
      for (const [key, value] of node) {
        if (key !== "name") at.key(key).problem("unknown key. Only `name` may stand here.");
        const name = key === "name" ? dockerName(value, at.key(key)) : undefined;
        if (name !== undefined) draft.name = name;
      }
    },
  },
};

function readVolume(key: string, node: Node, at: Place): Volume | undefined {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(key))
    return at.problem("is not a volume's name: letters, digits, '_', '.' and '-'. Rename it.");
  const draft: VolumeDraft = {};
  if (node !== null) readFields(volumeFields, node, at, draft);
  const { external = false } = draft;
  if (external && (draft.driver ?? draft.driverOptions ?? draft.labels) !== undefined)
    at.problem("is external, and its driver, options and labels are not this file's. Remove them.");
  const name = draft.name ?? (external ? key : undefined);
  return {
    key,
    ...(name === undefined ? {} : { name }),
    driver: draft.driver ?? DEFAULT_DRIVER,
    driverOptions: draft.driverOptions ?? {},
    ...(draft.scope === undefined ? {} : { scope: draft.scope }),
    labels: draft.labels ?? {},
    external,
  };
}

export const topLevelFields: FieldTable<FileDraft> = {
  version: withoutEffect(text, "Any text, without effect, as Compose has it."),
  name: into(
    "name",
    matching(
      /^[a-z0-9][a-z0-9_-]*$/,
      "a name of an application",
      "Use lower-case letters, digits, '_' and '-'.",
    ),
    "Lower-case letters, digits, `_` and `-`. The deployment's own name wins.",
  ),
  include: withoutEffect(
    text,
    "List of other compose files, by their path or with `path`, `project_directory` and `env_file`: their services, volumes and networks are taken in, and this file is put on top of them. Where they have a `.env` in their folder it gives values to them.",
  ),
  services: {
    how: "Mapping of names to services. One that is no DNS label (63 lower-case letters, digits and inner `-`) gets a label made of it, and stays a further name.",
    parse(node, at, draft) {
      const services = mapping(node, at);
      if (services !== undefined) draft.services = services;
    },
  },
  volumes: {
    how: "Mapping of names to volumes; see below.",
    parse(node, at, draft) {
      for (const [key, value] of mapping(node, at) ?? []) {
        const volume = readVolume(key, value, at.key(key));
        if (volume !== undefined) draft.volumes.set(key, volume);
      }
    },
  },
  networks: {
    how: "Mapping of names to networks; see below. Every deployment has one subnet of its own, on which services that share no network are kept apart.",
    parse(node, at, draft) {
      draft.networks = readNetworks(node, at);
    },
  },
  secrets: {
    how: "Mapping of names to secrets; see below.",
    parse(node, at, draft) {
      draft.secrets = readNamedFiles(node, at);
    },
  },
  configs: {
    how: "Mapping of names to configs; see below.",
    parse(node, at, draft) {
      draft.configs = readNamedFiles(node, at);
    },
  },
  ...refusedTopLevelKeys,
};
