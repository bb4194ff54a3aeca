import * as path from "node:path";

/**
 * The example's own files are plain JavaScript; these are the parts of them that the tests use,
 * typed.
 */
export const webFolder = path.resolve(__dirname, "../../../examples/moby-counter/web");

type Lookup = (name: string, timeoutMs: number) => Promise<string>;

export interface Connection {
  readonly address: string;
  command(args: readonly (string | number)[], timeoutMs: number): Promise<unknown>;
  close(): void;
}

export interface Link {
  readonly address: string | undefined;
  readonly lastAbsenceMs: number | undefined;
  connected(timeoutMs: number): Promise<Connection>;
  stop(): void;
}

const file = (name: string) => path.join(webFolder, name);

export const resp = jest.requireActual<{
  encode(args: readonly (string | number)[]): Buffer;
  ReplyParser: new () => { push(chunk: Buffer): unknown[] };
}>(file("resp.js"));

export const { createLookup } = jest.requireActual<{
  createLookup(resolve: (name: string) => Promise<string>): Lookup;
}>(file("lookup.js"));

export const { connect } = jest.requireActual<{
  connect(target: { host: string; port: number; connectTimeoutMs: number }): Promise<Connection>;
}>(file("redis-connection.js"));

export const { RedisLink } = jest.requireActual<{
  RedisLink: new (target: { host: string; port: number; lookup?: Lookup }) => Link;
}>(file("redis-link.js"));

export const { GapMeter } = jest.requireActual<{
  GapMeter: new (clock: () => number) => {
    acknowledged(): void;
    currentGapMs(): number;
    finish(): { longestGapMs: number; gaps: { fromMs: number; toMs: number; ms: number }[] };
  };
}>(file("gap-meter.js"));
