import { Agent, type ClientRequestArgs } from "http";
import type { Duplex } from "stream";
import { inspect } from "util";

type Done = (error: Error | null, stream: Duplex) => void;

/**
 * An HTTP agent whose connections are channels of the host's one SSH connection. They are kept for the next request, as
 * opening one costs a round trip; when the SSH connection goes, they go with it and new ones are opened.
 */
export class ChannelAgent extends Agent {
  constructor(
    private readonly open: () => Promise<Duplex>,
    idleChannels: number,
  ) {
    // How many are open at a time is the caller's to bound: Node does not count those that are being opened.
    super({ keepAlive: true, maxFreeSockets: idleChannels });
  }

  /**
   * docker-modem prints each request in full for its debug log, whether that is on or not. Without this it would walk
   * through everything behind the agent, credentials included, and take 100 ms over it.
   */
  [inspect.custom](): string {
    return "ChannelAgent";
  }

  /** One kept channel was found dead: the daemon has most likely been restarted, and then all of them are. */
  dropIdle(): void {
    for (const channel of Object.values(this.freeSockets).flat()) channel?.destroy();
  }

  override createConnection(_options: ClientRequestArgs, done?: Done): undefined {
    this.open().then(
      (channel) => done?.(null, asSocket(channel)),
      // The agent looks at the error only; its type asks for a stream all the same.
      (error: unknown) => (done as ((error: unknown) => void) | undefined)?.(error),
    );
  }
}

/** The methods of a socket that HTTP calls and a channel does not have; there is nothing for them to do. */
function asSocket(channel: Duplex): Duplex {
  const nothing = () => channel;
  // A daemon that goes away ends its half only. Whoever keeps the channel would write into the void.
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
