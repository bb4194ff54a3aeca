import { Agent, type ClientRequestArgs } from "http";
import type { Duplex } from "stream";
import { inspect } from "util";

type Done = (error: Error | null, stream: Duplex) => void;

/**
 * An HTTP agent whose connections are channels of the host's one SSH connection, a fresh one for
 * each request. Keeping them would save a round trip and cost certainty: a channel whose daemon has
 * gone looks alive until the host has said otherwise, and a request on it fails or hangs.
 */
export class ChannelAgent extends Agent {
  constructor(private readonly open: () => Promise<Duplex>) {
    // How many are open at a time is the caller's to bound: Node does not count those that are
    // being opened.
    super({ keepAlive: false });
  }

  /**
   * docker-modem prints each request in full for its debug log, whether that is on or not. Without
   * this it would walk through everything behind the agent, credentials included, and take 100 ms
   * over it.
   */
  [inspect.custom](): string {
    return "ChannelAgent";
  }

  override createConnection(_options: ClientRequestArgs, done?: Done): undefined {
    this.open().then(
      (channel) => done?.(null, asSocket(channel)),
      // The agent looks at the error only; its type asks for a stream all the same.
      (error: unknown) => (done as ((error: unknown) => void) | undefined)?.(error),
    );
  }
}

/**
 * The methods of a socket that HTTP calls and a channel does not have; there is nothing for them to
 * do.
 */
function asSocket(channel: Duplex): Duplex {
  const nothing = () => channel;
  // A daemon that goes away ends its half only. Whoever still writes would write into the void.
  channel.once("end", () => channel.destroy());
  return Object.assign(channel, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => channel.destroy(),
  });
}
