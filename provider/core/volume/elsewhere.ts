import type { DriverOptions } from "./driver";

/** Options with which Docker keeps a volume's data somewhere else than in the folder of its own. */
const ELSEWHERE = ["type", "device", "o"];

/** The option that says so, if any does: what Docker mounts hides what is in its own folder. */
export const elsewhereBy = (options: DriverOptions): string | undefined =>
  ELSEWHERE.find((each) => (options[each] ?? "") !== "");
