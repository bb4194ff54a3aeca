import type { PortBinding } from "./container-spec";

/** Whether two bindings of one port want the same of the host's addresses. */
export function sharesAddress(one: PortBinding, other: PortBinding): boolean {
  const [mine, its] = [one.hostIp ?? "", other.hostIp ?? ""];
  return mine === its || covers(mine, its) || covers(its, mine);
}

/** Without an address it is all of them; 0.0.0.0 and :: are all of their kind. */
function covers(all: string, one: string): boolean {
  if (all === "") return true;
  const isV6 = one.includes(":");
  return all === "0.0.0.0" ? !isV6 : all === "::" && isV6;
}
