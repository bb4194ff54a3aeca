import type { Healthcheck, RestartPolicy } from "../../container-spec";
import { property, type Mutable, type ServiceDraft } from "../draft";
import {
  into,
  passedOver,
  readFields,
  unlessEmpty,
  withoutEffect,
  type FieldTable,
} from "../fields";
import { buildField } from "./build";
import { pullPolicyField, pullRefreshField } from "./pull";
import type { Place } from "../problems";
import { boolean, duration, integer, listOf, matching, name, text, type Parser } from "../scalars";
import { splitShellWords } from "../shell-words";
import { isMapping, isSequence, type Node } from "../yaml";

/** [registry/]path[:tag][@digest] */
const image = matching(
  /^(?:(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$/,
  "an image's name",
  "Write [registry/]name[:tag][@digest], the name in lower case.",
);

/** A text is split as a shell would split it; a list is taken as it is. */
export const words: Parser<readonly string[]> = (node, at) => {
  if (isSequence(node)) return listOf(text)(node, at);
  const value = text(node, at);
  if (value === undefined) return undefined;
  const split = splitShellWords(value);
  return "words" in split ? split.words : at.problem(split.problem);
};

/** What Docker starts has a name. */
const entrypoint: Parser<readonly string[]> = (node, at) => {
  const read = words(node, at);
  return read?.[0] === "" && !isNothing(read)
    ? at.problem("begins with an empty word. Give the program to run.")
    : read;
};

const isNothing = (all: readonly string[]) => all.join("") === "";

/** An empty one takes the image's own away, so that `command` is the whole program. */
export function resolveEntrypoint({ container, setAt }: ServiceDraft): void {
  const { entrypoint: own, command } = container;
  if (own === undefined || !isNothing(own)) return;
  if (command === undefined)
    return setAt
      .get("entrypoint")
      ?.problem("is empty, and there is no `command`. Give the program to run in one of them.");
  container.entrypoint = command;
  delete container.command;
}

const isEmptyList = (node: Node) =>
  isSequence(node) ? node.length === 0 : typeof node === "string" && node.trim() === "";

const restart: Parser<RestartPolicy> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  if (value === "no" || value === "always" || value === "unless-stopped") return { name: value };
  const match = /^on-failure(?::(\d{1,9}))?$/.exec(value);
  if (match === null)
    return at.problem(
      `${at.show(value)} is not a restart policy. Write no, always, unless-stopped, on-failure or on-failure:5.`,
    );
  return {
    name: "on-failure",
    ...(match[1] === undefined ? {} : { maximumRetryCount: Number(match[1]) }),
  };
};

const platform = matching(
  /^[a-z0-9_]+(\/[a-z0-9_]+){0,2}$/,
  "a platform",
  "Write linux/amd64 or linux/arm64.",
);

interface HealthDraft extends Mutable<Partial<Healthcheck>> {
  disable?: boolean;
}

const test: Parser<readonly string[]> = (node, at) => {
  if (!isSequence(node)) {
    const value = name(node, at);
    return value === undefined ? undefined : ["CMD-SHELL", value];
  }
  const list = listOf(text)(node, at);
  if (list === undefined) return undefined;
  const [kind, ...rest] = list;
  const right = kind === "NONE" ? rest.length === 0 : rest.length > 0;
  if (right && (kind === "NONE" || kind === "CMD" || kind === "CMD-SHELL")) return list;
  return at.problem(
    'must start with CMD, CMD-SHELL or NONE. Write a text, [CMD, program, argument...], [CMD-SHELL, "command"] or [NONE].',
  );
};

/** Docker takes no time between 0 and a millisecond. */
const interval: Parser<number> = (node, at) => {
  const seconds = duration(node, at);
  if (seconds === undefined || seconds === 0 || seconds >= 0.001) return seconds;
  return at.problem("is shorter than 1ms, Docker's least. Write 1ms or more.");
};

export const healthcheckFields: FieldTable<HealthDraft> = {
  test: unlessEmpty(
    into("test", test, 'Text (run by a shell), [CMD, ...], [CMD-SHELL, "..."] or [NONE].'),
    isEmptyList,
  ),
  interval: into("intervalSeconds", interval, "Duration, 1ms or more."),
  timeout: into("timeoutSeconds", interval, "Duration, 1ms or more."),
  start_period: into("startPeriodSeconds", interval, "Duration, 1ms or more."),
  retries: into("retries", integer(0), "Whole number."),
  disable: into(
    "disable",
    boolean,
    "true: no check, whatever else stands here, and the image's own is off too.",
  ),
  start_interval: into(
    "startIntervalSeconds",
    interval,
    "Duration, 1ms or more, within `start_period`. Docker 25 on; on a host with an older one `up` warns and it is passed over.",
  ),
};

/** Without `test` the image's own check is kept, with these times. */
const healthcheck: Parser<Healthcheck> = (node, at) => {
  const { disable, ...draft }: HealthDraft = readHealthcheck(node, at);
  return disable === true ? { test: ["NONE"] } : { ...draft, test: draft.test ?? [] };
};

function readHealthcheck(node: Node, at: Place): HealthDraft {
  const draft: HealthDraft = {};
  readFields(healthcheckFields, node, at, draft);
  return draft;
}

/** Docker counts in whole seconds; a container must never get less time than the file says. */
const stopTimeout: Parser<number> = (node, at) => {
  const seconds = duration(node, at);
  return seconds === undefined ? undefined : Math.ceil(seconds);
};

export const loggingFields: FieldTable<ServiceDraft["logging"]> = {
  driver: unlessEmpty(
    into("driver", name, "Docker's logging driver; json-file when only options are given."),
  ),
  options: into("options", (node, at) => options(node, at), "The driver's options, as a mapping."),
};

const options: Parser<Record<string, string>> = (node, at) => {
  if (!isMapping(node)) return at.problem("must be a mapping of options.");
  const read = [...node].map(([key, value]) => [key, text(value, at.key(key)) ?? ""] as const);
  return Object.fromEntries(read);
};

export const processFields: FieldTable<ServiceDraft> = {
  image: property("image", image, "[registry/]name[:tag][@digest]."),
  command: unlessEmpty(
    property("command", words, "Text, split like a shell's words, or a list."),
    isEmptyList,
  ),
  entrypoint: property(
    "entrypoint",
    entrypoint,
    "Text, split like a shell's words, or a list; an empty one leaves the image's own out.",
  ),
  working_dir: unlessEmpty(
    property(
      "workingDir",
      matching(/^\//, "an absolute path", "Start it with '/'."),
      "Absolute path.",
    ),
  ),
  user: unlessEmpty(
    property(
      "user",
      matching(/^[^\s:]+(:[^\s:]+)?$/, "a user", "Write a name or number, with :group at will."),
      "Name or number, `user` or `user:group`.",
    ),
  ),
  group_add: property("groupAdd", listOf(name), "List of names or numbers."),
  stop_signal: unlessEmpty(
    property(
      "stopSignal",
      matching(
        /^((SIG)?[A-Z][A-Z0-9]*([+-]\d{1,2})?|[1-9]\d?)$/,
        "a signal",
        "Write SIGTERM, SIGRTMIN+3 or 15.",
      ),
      "Name or number of the signal.",
    ),
  ),
  stop_grace_period: property(
    "stopTimeoutSeconds",
    stopTimeout,
    "Duration, rounded up to seconds.",
  ),
  init: property("init", boolean, "true or false."),
  tty: property("tty", boolean, "true or false."),
  stdin_open: property("stdinOpen", boolean, "true or false."),
  restart: unlessEmpty(
    property("restart", restart, "no (default), always, unless-stopped, on-failure[:n]."),
  ),
  healthcheck: property("healthcheck", healthcheck, "See below; the image's own when absent."),
  logging: {
    how: "See below; the host's own setting when absent.",
    parse: (node, at, draft) => void readFields(loggingFields, node, at, draft.logging),
  },
  pull_policy: pullPolicyField,
  pull_refresh_after: pullRefreshField,
  build: buildField,
  extends: withoutEffect(
    text,
    "A service of this file, or `service` and `file`: this one on top of it, by Compose's rules of merging.",
  ),
  profiles: withoutEffect(
    listOf(text),
    "List of names: the service runs where the deployment's `profiles` has one of them.",
  ),
  platform: unlessEmpty({
    how: "Checked, told and passed over: each host takes the image's variant for its own platform.",
    parse(node, at) {
      if (platform(node, at) === undefined) return;
      at.note("is passed over: each host takes the image's variant for its own platform.");
    },
  }),
  attach: withoutEffect(boolean, "Without effect: `pulumi up` shows no container's output."),
  develop: passedOver("Ferry runs applications and watches no sources."),
};

/** Keys that only a fig file has. */
export const figLoggingFields: FieldTable<ServiceDraft> = {
  log_driver: {
    how: "As `logging.driver`.",
    parse(node, at, draft) {
      const driver = name(node, at);
      if (driver !== undefined) draft.logging.driver = driver;
    },
  },
  log_opt: {
    how: "As `logging.options`.",
    parse(node, at, draft) {
      const read = options(node, at);
      if (read !== undefined) draft.logging.options = read;
    },
  },
};
