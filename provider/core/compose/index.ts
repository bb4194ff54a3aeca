export { validateDnsLabel } from "./names";
export { readComposeLate, type LatePart, type LateResult } from "./late";
export { parseCompose, readCompose, type ComposeOptions, type ComposeResult } from "./parse";
export { documentedTables, type DocumentedField } from "./table";
export { problemLine, type FileProblem } from "./problems";
