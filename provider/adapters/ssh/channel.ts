import type { Client, ClientChannel } from "ssh2";
import { answers, ANSWER_DEADLINE_MILLISECONDS } from "./liveness";

const CHANNEL_DEADLINE_MILLISECONDS = 15_000;

/** A channel to a command, a socket or a port was not opened, for a reason of the host's. */
export class ChannelRefused extends Error {}

export type Done = (error: Error | undefined, channel: ClientChannel) => void;
export type Open = (client: Client, done: Done) => void;

/** For a channel whose opening may take long though the connection is well. */
export interface Patience {
  readonly milliseconds: number;
  readonly whenLate: () => Error;
}

/**
 * Opens a channel, or rejects: with ChannelRefused when the host would not, with `lost` when the
 * connection is gone. `attached` is called as soon as the channel is there.
 */
export function openChannel<T>(
  client: Client,
  open: Open,
  attached: (client: Client, channel: ClientChannel) => T,
  lost: () => Error,
  patience?: Patience,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const dead = () => {
      // Nobody answers on this connection any more: whatever else waits on it is told so too.
      client.destroy();
      reject(lost());
    };
    const timer = setTimeout(() => {
      late = true;
      if (!patience) dead();
      else {
        void answers(client, ANSWER_DEADLINE_MILLISECONDS).then((alive) =>
          alive ? reject(patience.whenLate()) : dead(),
        );
      }
    }, patience?.milliseconds ?? CHANNEL_DEADLINE_MILLISECONDS);
    const done: Done = (error, channel) => {
      clearTimeout(timer);
      if (late) {
        // Whoever wanted it has been told that it did not come.
        if (!error) channel.destroy();
      } else if (!error) resolve(attached(client, channel));
      else if ("reason" in error || error.message === "Unable to exec") {
        // A command whose connection is lost before its start is confirmed reads the same as one
        // that is refused.
        void answers(client, ANSWER_DEADLINE_MILLISECONDS).then((alive) =>
          reject(alive ? new ChannelRefused(error.message) : lost()),
        );
      } else reject(lost());
    };
    try {
      open(client, done);
    } catch {
      clearTimeout(timer);
      reject(lost());
    }
  });
}

/**
 * Calls `closed` when the channel is, and `gone` once it does not count any more: sshd counts a
 * closed session until it has worked through all that lies in its input, so that another one that
 * came with the same packets would be one too many. Once it has answered, the old one is gone.
 */
export function whenGone(
  client: Client,
  channel: ClientChannel,
  closed: () => void,
  gone: () => void,
): void {
  // Without a listener, an error of a channel whose connection is lost would end the process.
  channel.on("error", () => undefined);
  channel.once("close", () => {
    closed();
    void answers(client, ANSWER_DEADLINE_MILLISECONDS).then(gone);
  });
}
