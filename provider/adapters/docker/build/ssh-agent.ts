import { readFileSync, statSync } from "fs";
import { connect } from "net";
import type { Duplex } from "stream";
import { AgentProtocol, utils, type ParsedKey } from "ssh2";

/** An agent of this machine, or one that has a key of this machine alone. */
export function openAgent(path: string): Duplex {
  const at = path === "" ? process.env["SSH_AUTH_SOCK"] : path;
  if (at === undefined || at === "")
    throw new Error("no SSH agent runs for whoever runs this (SSH_AUTH_SOCK is not set)");
  const found = statSync(at, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`'${at}' is not there`);
  return found.isSocket() ? connect(at) : agentWith(keyIn(at), at);
}

function keyIn(path: string): ParsedKey {
  const parsed = utils.parseKey(readFileSync(path));
  if (parsed instanceof Error)
    throw new Error(
      `'${path}' is no private key without a passphrase; add it to an agent, and name that`,
    );
  return parsed;
}

/** Signs with the key, which is told to nobody. */
function agentWith(key: ParsedKey, comment: string): Duplex {
  const agent = new AgentProtocol(false);
  agent.on("identities", (request) =>
    agent.getIdentitiesReply(request, [Object.assign(key, { comment })]),
  );
  agent.on("sign", (request, _asked, data, { hash }) => {
    const signature = key.sign(data, hash);
    if (signature instanceof Error) agent.failureReply(request);
    else agent.signReply(request, signature);
  });
  return agent;
}
