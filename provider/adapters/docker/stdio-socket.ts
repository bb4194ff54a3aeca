import { Duplex } from "stream";
import type { Shell, StreamingCommand } from "../../core/adapter-ports";

/**
 * A Unix socket on the host by way of a command, where sshd lets no channel to it through
 * (AllowStreamLocalForwarding no): Docker's own client connects to any such socket. `broken` makes
 * the error when nothing came through at all.
 */
export async function stdioSocket(
  shell: Shell,
  path: string,
  broken: () => Promise<Error>,
): Promise<Duplex> {
  const argv = ["docker", "-H", `unix://${path}`, "system", "dial-stdio"];
  return new StdioSocket(await shell.stream({ argv }), broken);
}

class StdioSocket extends Duplex {
  private spoke = false;
  private written: (() => void) | undefined;

  constructor(
    private readonly running: StreamingCommand,
    broken: () => Promise<Error>,
  ) {
    super();
    const { stdin, stdout, done } = running;
    stdout.on("data", (chunk: Buffer) => {
      this.spoke = true;
      if (!this.push(chunk)) stdout.pause();
    });
    // Its end comes with its reason, if there is one.
    stdout.once("close", () => {
      done
        .then(({ exitCode }) => (exitCode === 0 || this.spoke ? undefined : broken()))
        .then((error) => (error ? this.destroy(error) : this.push(null)))
        .catch((error: unknown) => this.destroy(error as Error));
    });
    // What is written to a command that has ended is nobody's; what it said before still comes.
    stdin.once("close", () => this.written?.());
  }

  override _read(): void {
    this.running.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { stdin } = this.running;
    this.written = () => {
      this.written = undefined;
      done();
    };
    const { written } = this;
    if (stdin.writable) stdin.write(chunk, () => this.written === written && written());
    else written();
  }

  override _final(done: () => void): void {
    this.running.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.running.stdin.destroy();
    done(error);
  }
}
