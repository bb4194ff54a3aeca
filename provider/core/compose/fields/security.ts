import { property, type ServiceDraft } from "../draft";
import type { FieldTable } from "../fields";
import { boolean, listOf, matching, name, record, type Parser } from "../scalars";

const capability = matching(
  /^[A-Za-z][A-Za-z_]*$/,
  "a capability",
  "Write NET_ADMIN, CAP_NET_ADMIN or ALL.",
);

/** A seccomp profile is a file of the operator's machine, which the host does not have. */
const securityOption: Parser<string> = (node, at) => {
  const value = name(node, at);
  if (value === undefined || !/^seccomp[:=](?!unconfined$)/.test(value)) return value;
  return at.problem("a seccomp profile in a file is not supported. Only seccomp=unconfined is.");
};

export const securityFields: FieldTable<ServiceDraft> = {
  privileged: property("privileged", boolean, "true or false."),
  read_only: property("readOnly", boolean, "true: the container's root cannot be written to."),
  cap_add: property("capAdd", listOf(capability), "List of capabilities."),
  cap_drop: property("capDrop", listOf(capability), "List of capabilities."),
  security_opt: property(
    "securityOpt",
    listOf(securityOption),
    "List of Docker's options; a seccomp profile in a file is an error.",
  ),
  sysctls: property("sysctls", record, "Mapping, or list of name=value."),
};
