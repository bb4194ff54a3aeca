import type { Connection } from "../../core/connection";

/** What of a connection must never be shown. */
export function connectionSecrets(connection: Connection): string[] {
  const { privateKey, privateKeyPassword, password, proxy } = connection;
  const own = [privateKey, privateKeyPassword, password].filter((each) => each !== undefined);
  return [...own, ...(proxy ? connectionSecrets(proxy) : [])];
}
