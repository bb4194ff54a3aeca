import type { AnyAuthMethod, AuthHandlerMiddleware, AuthenticationType } from "ssh2";
import type { Connection } from "../../core/connection";
import { describeAgent, NamedAgent } from "./agent";
import { connectFailure, userOf, type Endpoint } from "./failures";
import { isTrouble, readPrivateKey } from "./private-key";

/**
 * Offers the user's credentials one after another, and remembers what the server would have taken.
 */
export interface Authentication {
  readonly handler: AuthHandlerMiddleware;
  /** Methods that the server named when it refused one; empty when it refused none. */
  readonly offered: () => readonly string[];
  /** "the key", "the agent's keys SHA256:...", "the password": what was tried. */
  readonly tried: () => readonly string[];
  /** How many keys were there to be tried. */
  readonly keys: () => number;
}

/**
 * Rejects a key that cannot be read and a connection without any credentials, before anything is
 * dialled.
 */
export function authentication(endpoint: Endpoint): Authentication {
  const methods = credentials(endpoint);
  if (methods.length === 0) {
    throw connectFailure(endpoint, {
      kind: "settings",
      reason: "its connection holds no credentials",
      advice: "Give `privateKey`, `agentSocketPath` or `password`",
      touched: "unsent",
    });
  }
  let next = 0;
  let offered: readonly string[] = [];
  // The types leave out that nothing is known at the first call, and that `false` ends the
  // attempts.
  const handler = (left: AuthenticationType[] | null, _partial: boolean, give: Give) => {
    offered = left ?? offered;
    give(methods[next++]?.method ?? false);
  };
  return {
    handler: handler as AuthHandlerMiddleware,
    offered: () => offered,
    tried: () => [...new Set(methods.map(({ label }) => label()))],
    keys: () => methods.reduce((sum, { keys }) => sum + keys(), 0),
  };
}

type Give = (method: AnyAuthMethod | false) => void;

interface Credential {
  readonly label: () => string;
  readonly keys: () => number;
  readonly method: AnyAuthMethod;
}

function credentials(endpoint: Endpoint): Credential[] {
  const { settings } = endpoint;
  const username = userOf(settings);
  const { password } = settings;
  const found: Credential[] = [];
  if (settings.privateKey !== undefined) {
    found.push({
      label: () => "the key",
      keys: () => 1,
      method: { type: "publickey", username, key: readKey(endpoint, settings.privateKey) },
    });
  }
  const agent = settings.agentSocketPath ?? environmentAgent(settings);
  if (agent !== undefined && agent !== "") {
    const { agentKey } = settings;
    const named = new NamedAgent(agent, agentKey);
    found.push({
      label: () => describeAgent(named, agentKey),
      keys: () => named.offered.length,
      method: { type: "agent", username, agent: named },
    });
  }
  if (password !== undefined) {
    const label = () => "the password";
    const keys = () => 0;
    found.push({ label, keys, method: { type: "password", username, password } });
    found.push({
      label,
      keys,
      method: {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, answer) =>
          answer(prompts.map(() => password)),
      },
    });
  }
  return found;
}

/**
 * As `@pulumi/command` has it: SSH_AUTH_SOCK serves a connection that names no credentials of its
 * own.
 */
function environmentAgent(settings: Connection): string | undefined {
  const named = settings.privateKey !== undefined || settings.password !== undefined;
  return named ? undefined : process.env["SSH_AUTH_SOCK"];
}

function readKey(endpoint: Endpoint, text: string) {
  const key = readPrivateKey(text, endpoint.settings.privateKeyPassword);
  if (!isTrouble(key)) return key;
  throw connectFailure(endpoint, {
    kind: "settings",
    reason: `its \`privateKey\` ${key.reason}`,
    advice: key.advice,
    touched: "unsent",
  });
}
