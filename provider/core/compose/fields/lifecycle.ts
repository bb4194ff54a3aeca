import type { ContainerCommand } from "../../container-spec";
import { setProperty, type Mutable, type ServiceDraft } from "../draft";
import { into, readFields, unlessEmpty, type FieldTable, type SupportedField } from "../fields";
import { lookUp, type Variables } from "../interpolate";
import type { Place } from "../problems";
import { boolean, matching, pairs, sequence, toRecord } from "../scalars";
import { says, type Node } from "../yaml";
import { words } from "./process";

/** A command as far as it has been read. */
interface CommandDraft extends Mutable<Partial<ContainerCommand>> {
  readonly variables: Variables;
}

/** One entry of `post_start` or `pre_stop`. */
export const hookFields: FieldTable<CommandDraft> = {
  command: into("argv", words, "Text, split like a shell's words, or a list."),
  user: unlessEmpty(
    into(
      "user",
      matching(/^[^\s:]+(:[^\s:]+)?$/, "a user", "Write a name or number, with :group at will."),
      "Name or number, `user` or `user:group`; the container's own when absent.",
    ),
  ),
  privileged: into("privileged", boolean, "true or false (default)."),
  working_dir: unlessEmpty(
    into(
      "workingDir",
      matching(/^\//, "an absolute path", "Start it with '/'."),
      "Absolute path; the container's own when absent.",
    ),
  ),
  environment: {
    how: "Mapping or list, beside the container's own.",
    parse(node, at, draft) {
      const read = pairs(node, at);
      if (read !== undefined)
        draft.environment = toRecord(read, (name) => lookUp(draft.variables, name));
    },
  },
};

function commandOf(node: Node, at: Place, variables: Variables): ContainerCommand | undefined {
  const draft: CommandDraft = { variables };
  if (!readFields(hookFields, node, at, draft)) return undefined;
  const { argv, variables: _variables, ...as } = draft;
  if (argv !== undefined && (argv[0] ?? "") !== "") return { argv, ...as };
  return says(node, "command") && argv === undefined
    ? undefined
    : at.problem("has no `command`. Say what to run.");
}

const hooks = (key: "postStart" | "preStop", how: string): SupportedField<ServiceDraft> => ({
  how,
  parse(node, at, draft) {
    const read = sequence(node, at)?.map((each, index) =>
      commandOf(each, at.index(index), draft.context.variables),
    );
    const commands = read?.filter((each) => each !== undefined) ?? [];
    if (commands.length > 0) setProperty(draft, key, commands, at);
  },
});

export const lifecycleFields: FieldTable<ServiceDraft> = {
  post_start: hooks(
    "postStart",
    "List, see below. Run in the container after each start that `up` does; where one fails, the `up` does.",
  ),
  pre_stop: hooks(
    "preStop",
    "List, see below. Run in the container before each stop that `up` or `destroy` does, a move's too.",
  ),
};
