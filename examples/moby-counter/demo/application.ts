import * as lab from "../../../lab";

/** The demo's application from outside, as its users see it. */
export class MobyCounter {
  constructor(private readonly webAddress: string) {}

  async post(mark: string): Promise<void> {
    const response = await fetch(`${this.#url()}/v1/whales`, {
      method: "POST",
      body: mark,
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok)
      throw new Error(
        `The page did not take mark ${mark}: ${String(response.status)} ${await response.text()}`,
      );
  }

  async marks(): Promise<string[]> {
    const response = await fetch(`${this.#url()}/v1/whales`, {
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok)
      throw new Error(
        `The page does not show its marks: ${String(response.status)} ${await response.text()}`,
      );
    return (await response.json()) as string[];
  }

  #url(): string {
    return `http://${this.webAddress}:8080`;
  }
}

/** What the writer found, as its last line says. */
export interface WriterResult {
  readonly verified: boolean;
  readonly acknowledged: number;
  readonly found: number | null;
  readonly lost: number | null;
  readonly longestGapMs: number;
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly ms: number }[];
  readonly startedAt: string;
}

const WRITER = { host: "node3", container: "apples-writer-0" };

/** The client that writes all along; Ferry runs it as a replica of its own. */
export const writer = {
  /** The figures so far, from the file that the writer keeps. */
  async status(): Promise<WriterResult> {
    return JSON.parse(await exec(["cat", "/tmp/writer.json"])) as WriterResult;
  },

  async waitFor(acknowledged: number): Promise<void> {
    const end = Date.now() + 30_000;
    for (;;) {
      const soFar = await writer.status().then(
        (status) => status.acknowledged,
        () => 0,
      );
      if (soFar >= acknowledged) return;
      if (Date.now() > end) throw new Error(`The writer has only ${soFar} writes acknowledged.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  },

  /**
   * Its longest time without an acknowledgement that began while `during` ran, in milliseconds.
   */
  async longestGapDuring(during: () => Promise<unknown>): Promise<number> {
    const known = (await writer.status()).gaps.length;
    await during();
    // A gap counts once it is over; one may still last.
    const { acknowledged } = await writer.status();
    await writer.waitFor(acknowledged + 100);
    const { gaps } = await writer.status();
    return Math.round(Math.max(0, ...gaps.slice(known).map((gap) => gap.ms)));
  },

  /** Stops it; it then asks redis for every number that redis acknowledged. */
  async finish(): Promise<WriterResult> {
    await onHost(["docker", "stop", "--time", "60", WRITER.container]);
    // Not by `--tail 1`: Docker keeps a line of more than 16 kB in pieces, and gives the last of them.
    const log = await onHost(["docker", "logs", WRITER.container]);
    return JSON.parse(log.trim().split("\n").at(-1) ?? "") as WriterResult;
  },

  /** What a name means to the writer, by Weave's DNS. */
  async lookUp(name: string): Promise<string> {
    const program = `require("dns").lookup(${JSON.stringify(name)}, (error, address) => console.log(error ? "" : address))`;
    return (await exec(["/usr/bin/node", "-e", program])).trim();
  },
};

function exec(argv: readonly string[]): Promise<string> {
  return onHost(["docker", "exec", WRITER.container, ...argv]);
}

async function onHost(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run(WRITER.host, argv);
  if (code !== 0)
    throw new Error(`${argv.slice(0, 2).join(" ")} failed on ${WRITER.host}: ${stderr.trim()}`);
  return stdout;
}
