import type { Healthcheck, RestartPolicy } from "../../container-spec";
import { property, type Mutable, type ServiceDraft } from "../draft";
import { into, readFields, refused, withoutEffect, type FieldTable } from "../fields";
import type { Place } from "../problems";
import {
  boolean,
  duration,
  integer,
  listOf,
  matching,
  name,
  oneOf,
  text,
  type Parser,
} from "../scalars";
import { splitShellWords } from "../shell-words";
import { isMapping, isSequence, type Node } from "../yaml";

/** [registry/]path[:tag][@digest] */
const image = matching(
  /^(?:(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$/,
  "an image's name",
  "Write [registry/]name[:tag][@digest], the name in lower case.",
);

/** A text is split as a shell would split it; a list is taken as it is. */
const words: Parser<readonly string[]> = (node, at) => {
  if (isSequence(node)) return listOf(text)(node, at);
  const value = text(node, at);
  if (value === undefined) return undefined;
  const split = splitShellWords(value);
  return "words" in split ? split.words : at.problem(split.problem);
};

const command: Parser<readonly string[]> = (node, at) => {
  const read = words(node, at);
  return read?.length === 0
    ? at.problem("is empty. Leave it out to run the image's own command.")
    : read;
};

/** Weave's proxy starts what stands here, so there has to be something. */
const entrypoint: Parser<readonly string[]> = (node, at) => {
  const read = words(node, at);
  return read !== undefined && (read[0] ?? "") === ""
    ? at.problem("is empty. Give the program to run, or leave it out to run the image's own.")
    : read;
};

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
  const right =
    kind === "NONE"
      ? rest.length === 0
      : kind === "CMD-SHELL"
        ? rest.length === 1
        : rest.length > 0;
  if (right && (kind === "NONE" || kind === "CMD" || kind === "CMD-SHELL")) return list;
  return at.problem(
    'must be a text, [CMD, program, argument...], [CMD-SHELL, "command"] or [NONE].',
  );
};

/** Docker takes no time between 0 and a millisecond. */
const interval: Parser<number> = (node, at) => {
  const seconds = duration(node, at);
  if (seconds === undefined || seconds === 0 || seconds >= 0.001) return seconds;
  return at.problem("is shorter than 1ms, Docker's least. Write 1ms or more.");
};

export const healthcheckFields: FieldTable<HealthDraft> = {
  test: into("test", test, 'Text (run by a shell), [CMD, ...], [CMD-SHELL, "..."] or [NONE].'),
  interval: into("intervalSeconds", interval, "Duration, 1ms or more."),
  timeout: into("timeoutSeconds", interval, "Duration, 1ms or more."),
  start_period: into("startPeriodSeconds", interval, "Duration, 1ms or more."),
  retries: into("retries", integer(0), "Whole number."),
  disable: into("disable", boolean, "true: the image's own check is off too."),
  start_interval: refused("it needs Docker 25, and Ferry runs on older ones. Use `interval`."),
};

/** Without `test` the image's own check is kept, with these times. */
const healthcheck: Parser<Healthcheck> = (node, at) => {
  const { disable, ...draft }: HealthDraft = readHealthcheck(node, at);
  if (disable !== true) return { ...draft, test: draft.test ?? [] };
  if (Object.keys(draft).length > 0)
    return at.problem("is disabled and yet says more. Remove `disable` or the rest.");
  return { test: ["NONE"] };
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
  driver: into("driver", name, "Docker's logging driver; json-file when only options are given."),
  options: into("options", (node, at) => options(node, at), "The driver's options, as a mapping."),
};

const options: Parser<Record<string, string>> = (node, at) => {
  if (!isMapping(node)) return at.problem("must be a mapping of options.");
  const read = [...node].map(([key, value]) => [key, text(value, at.key(key)) ?? ""] as const);
  return Object.fromEntries(read);
};

export const processFields: FieldTable<ServiceDraft> = {
  image: property("image", image, "[registry/]name[:tag][@digest]."),
  command: property("command", command, "Text, split like a shell's words, or a list."),
  entrypoint: property("entrypoint", entrypoint, "Text, split like a shell's words, or a list."),
  working_dir: property(
    "workingDir",
    matching(/^\//, "an absolute path", "Start it with '/'."),
    "Absolute path.",
  ),
  user: property(
    "user",
    matching(/^[^\s:]+(:[^\s:]+)?$/, "a user", "Write a name or number, with :group at will."),
    "Name or number, `user` or `user:group`.",
  ),
  group_add: property("groupAdd", listOf(name), "List of names or numbers."),
  stop_signal: property(
    "stopSignal",
    matching(
      /^((SIG)?[A-Z][A-Z0-9]*([+-]\d{1,2})?|[1-9]\d?)$/,
      "a signal",
      "Write SIGTERM, SIGRTMIN+3 or 15.",
    ),
    "Name or number of the signal.",
  ),
  stop_grace_period: property(
    "stopTimeoutSeconds",
    stopTimeout,
    "Duration, rounded up to seconds.",
  ),
  init: property("init", boolean, "true or false."),
  tty: property("tty", boolean, "true or false."),
  stdin_open: property("stdinOpen", boolean, "true or false."),
  restart: property("restart", restart, "no (default), always, unless-stopped, on-failure[:n]."),
  healthcheck: property("healthcheck", healthcheck, "See below; the image's own when absent."),
  logging: {
    how: "See below; the host's own setting when absent.",
    parse: (node, at, draft) => void readFields(loggingFields, node, at, draft.logging),
  },
  pull_policy: withoutEffect(
    oneOf("missing", "if_not_present"),
    "missing or if_not_present, which is what Ferry does; the others are errors.",
  ),
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
