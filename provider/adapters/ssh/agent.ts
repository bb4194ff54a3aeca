import { BaseAgent, createAgent, type IdentityCallback, type ParsedKey } from "ssh2";
import type { SignCallback, SigningRequestOptions } from "ssh2";
import { fingerprint, parseHostKeys } from "./host-key";

/** An agent of which it is known which keys were offered, and of which one alone may be. */
export class NamedAgent extends BaseAgent<ParsedKey> {
  /** "ssh-ed25519 SHA256:... (me@home)" each. */
  readonly offered: string[] = [];
  /** How many it holds. */
  offeredKeys = 0;
  private readonly inner: ReturnType<typeof createAgent>;

  /** `only`: the public half or the fingerprint of the one key to be offered. */
  constructor(
    path: string,
    private readonly only: string | undefined,
  ) {
    super();
    this.inner = createAgent(path);
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    this.inner.getIdentities((error, keys = []) => {
      const offeredKeys = keys as ParsedKey[];
      this.offeredKeys = offeredKeys.length;
      const chosen = offeredKeys.filter((key) => this.isWanted(key));
      this.offered.push(...chosen.map(describe));
      if (error) done(error);
      else done(undefined, chosen);
    });
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === "function") this.inner.sign(key, data, options);
    else this.inner.sign(key, data, options, done);
  }

  private isWanted(key: ParsedKey): boolean {
    if (this.only === undefined) return true;
    const named = parseHostKeys(this.only);
    if (typeof named === "string") return false;
    return named.pinned.some((each) => each.fingerprint === fingerprint(key.getPublicSSH()));
  }
}

function describe(key: ParsedKey): string {
  const comment = key.comment ? ` (${key.comment.slice(0, 60)})` : "";
  return `${fingerprint(key.getPublicSSH())}${comment}`;
}

const MOST_NAMED = 8;

/** What was tried of it, for a message. */
export function describeAgent(agent: NamedAgent, only: string | undefined): string {
  if (agent.offeredKeys === 0) return "the agent, which showed no key,";
  if (agent.offered.length === 0) return "the agent, which does not hold `agentKey`,";
  const named = agent.offered.slice(0, MOST_NAMED).join(", ");
  const more = agent.offered.length - MOST_NAMED;
  const all = more > 0 ? `${named} and ${more} more` : named;
  return only === undefined ? `the agent's keys ${all}` : `the agent's key ${all}`;
}
