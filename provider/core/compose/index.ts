export { validateDnsLabel } from "./name-rules";
export { readComposeLate, type LatePart, type LateResult } from "./late";
export {
  parseCompose,
  readCompose,
  readComposeFiles,
  type ComposeOptions,
  type ComposeResult,
} from "./parse";
export type { NamedText } from "./assemble";
export { documentedTables, type DocumentedField } from "./table";
export { problemLine, type FileProblem } from "./problems";
