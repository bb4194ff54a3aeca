import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { MovedWriter, type WriterKind } from "./moved-writer";
import { median } from "./median";
import { BenchHosts } from "./hosts";

export interface MoveOptions {
  readonly quick: boolean;
  readonly repeat: number;
  /** Names of cases; all when there are none. */
  readonly only: readonly string[];
  readonly json?: string;
  /** What Ferry tells while it moves goes to standard error. */
  readonly verbose?: boolean;
}

/** One line of the table; times are medians over the repetitions, writes are sums. */
export interface MoveRow {
  readonly sizeMiB: number;
  readonly writer: string;
  /** A move to another host, as a client on a third host sees it. */
  readonly oursMs: number;
  /** The container stopped, all of its data copied, and another one started there. */
  readonly stopCopyStartMs: number;
  /** `docker restart` of the same container on its own host. */
  readonly stopStartMs: number;
  readonly writesAcknowledged: number;
  readonly writesFound: number;
  /** All of the data, copied while the container is stopped. */
  readonly copyMiBps: number;
  /** `ssh cat` of one file with as many bytes, its connection included. */
  readonly linkMiBps: number;
}

interface Case {
  readonly name: string;
  readonly kind: WriterKind;
  readonly sizeMiB: number;
  readonly says: string;
}

const CASES: readonly Case[] = [
  ...[1, 100, 1024, 4096].map((sizeMiB) => ({
    name: String(sizeMiB),
    kind: "append" as const,
    sizeMiB,
    says: "appends to one file",
  })),
  {
    name: "inplace",
    kind: "inplace",
    sizeMiB: 1024,
    says: "changes 8 KB at random places of one file",
  },
  { name: "files", kind: "files", sizeMiB: 20, says: "replaces one of 100,000 files of 200 bytes" },
];
const QUICK = ["1", "100"];

/** 0 when every acknowledged write was found. */
export async function benchMove({
  quick,
  repeat,
  only,
  json,
  verbose,
}: MoveOptions): Promise<number> {
  const wanted = CASES.filter(({ name }) =>
    only.length > 0 ? only.includes(name) : !quick || QUICK.includes(name),
  );
  const hosts = new BenchHosts();
  const rows: MoveRow[] = [];
  try {
    await hosts.up();
    console.log(
      `${cpus().length} cores (${cpus()[0]?.model ?? "?"}), ${Math.round(totalmem() / 2 ** 30)} GiB; median of ${repeat}`,
    );
    console.log(
      "| MiB | writer | move | stop, copy, start | docker restart | move : restart | writes found | copy MiB/s | ssh cat MiB/s | copy : ssh cat |",
    );
    console.log("|---|---|---|---|---|---|---|---|---|---|");
    for (const each of wanted) {
      const row = await measure(hosts, each, repeat);
      rows.push(row);
      if (verbose === true) console.error(hosts.reported.splice(0).join("\n"));
      console.log(lineOf(row, each));
    }
  } finally {
    await hosts.down();
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
  return rows.every((row) => row.writesFound === row.writesAcknowledged) ? 0 : 1;
}

async function measure(
  hosts: BenchHosts,
  { kind, sizeMiB, says }: Case,
  repeat: number,
): Promise<MoveRow> {
  const writer = new MovedWriter(hosts, kind, sizeMiB);
  const ours: number[] = [];
  const restarts: number[] = [];
  const copied: number[] = [];
  const rates: number[] = [];
  const links: number[] = [];
  let writesAcknowledged = 0;
  let writesFound = 0;
  const note = (
    into: number[],
    seen: { longestGapMs: number; acknowledged: number; found: number },
  ) => {
    into.push(seen.longestGapMs);
    writesAcknowledged += seen.acknowledged;
    writesFound += seen.found;
  };
  try {
    await writer.create();
    for (let time = 0; time < repeat; time++) {
      note(restarts, await writer.whileWriting(() => writer.restart()));
      note(ours, await writer.whileWriting(() => writer.move()));
      let rate = 0;
      note(
        copied,
        await writer.whileWriting(async () => {
          rate = await writer.stopCopyStart();
        }),
      );
      rates.push(rate);
      await writer.undoByHand();
      // Beside each copy, and of as many bytes: what a link and a disk reach differs from minute to
      // minute, and with what waits to be written.
      links.push(await hosts.linkMiBps(sizeMiB));
    }
  } finally {
    await writer.remove();
  }
  return {
    sizeMiB,
    writer: says,
    oursMs: Math.round(median(ours)),
    stopCopyStartMs: Math.round(median(copied)),
    stopStartMs: Math.round(median(restarts)),
    writesAcknowledged,
    writesFound,
    copyMiBps: Math.round(median(rates) * 10) / 10,
    linkMiBps: Math.round(median(links) * 10) / 10,
  };
}

function lineOf(row: MoveRow, { sizeMiB, says }: Case): string {
  const ratio = (row.oursMs / row.stopStartMs).toFixed(2);
  const rate = `${row.copyMiBps.toFixed(0)} | ${row.linkMiBps.toFixed(0)} | ${(row.copyMiBps / row.linkMiBps).toFixed(2)}`;
  return (
    `| ${sizeMiB} | ${says} | ${row.oursMs} ms | ${row.stopCopyStartMs} ms | ${row.stopStartMs} ms | ${ratio} | ` +
    `${row.writesFound} of ${row.writesAcknowledged} | ${rate} |`
  );
}
