import type { Client } from "ssh2";

/** For a server that has nothing else to do with us. */
export const ANSWER_DEADLINE_MILLISECONDS = 5_000;

/**
 * Whether the server still answers. It is asked to end a port forwarding that does not exist: a
 * request without any effect, which every server answers (with a refusal). The client's own
 * keep-alive is not used, because its timer would keep an idle process from ending.
 */
export function answers(client: Client, deadlineMilliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), deadlineMilliseconds);
    const resolveOnce = (alive: boolean) => {
      clearTimeout(timer);
      resolve(alive);
    };
    try {
      client.unforwardIn("ferry.invalid", 1, (error) =>
        // Told of by the client itself when the connection ends: that is no answer.
        resolveOnce(error?.message !== "No response from server"),
      );
    } catch {
      resolveOnce(false);
    }
  });
}
