import type { RouterTrouble } from "../../core/weave/router-trouble";
import { TROUBLE } from "./host-scripts";
import { causeOf } from "./last-words";
import type { WeaveCommand } from "./weave-command";

/** As `Weave.trouble`. */
export async function troubleOf(weave: WeaveCommand): Promise<RouterTrouble | undefined> {
  const said = await weave.checkScript("Looking for Weave's router", TROUBLE);
  const [, status, code, restarts, log = ""] = /^(\w+) (-?\d+) (\d+)\n(.*)$/s.exec(said) ?? [];
  if (status === undefined) return undefined;
  const words = causeOf(log);
  return {
    ...{ status, exitCode: Number(code), restarts: Number(restarts) },
    ...(words === undefined ? {} : { words }),
  };
}
