import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { thisLab } from "../../../lab";
import { runCase, type Row } from "./case";
import { EngineLane } from "./engine-lane";
import { HandlerLane } from "./handler-lane";
import { Lanes } from "./lanes";
import { matrix } from "./matrix";
import { table } from "./table";

/**
 * The whole fault matrix of the move, on real hosts: every fault at every step. A case waits much
 * and works little, so several labs run side by side; that a case waits for its turn is why the
 * time limit is that of all of them.
 */
jest.setTimeout(3_600_000);

const FILE = join(dirname(thisLab().dir), "move-faults.json");
const lanes = {
  handler: new Lanes(3, (number) => new HandlerLane(`faults-${number}`)),
  engine: new Lanes(1, (number) => new EngineLane(`faults-engine-${number}`)),
};
const rows: Row[] = [];
/**
 * Of those that struck. A quick step may have passed before its fault; when many have, the matrix
 * is not what it says.
 */
const MOST_OFF_STEP = 0.1;
const planned = matrix();

afterAll(async () => {
  process.stdout.write(`\n${table(rows)}\nThe table is in ${FILE} as well.\n`);
  await Promise.all(Object.values(lanes).map((each) => each.down()));
});

test.concurrent.each(planned.map((each) => [each.name, each] as const))(
  "%s",
  async (_name, { by, case: each }) => {
    const row = await lanes[by].use((lane) => runCase(lane, each));
    rows.push(row);
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, `${JSON.stringify(rows, null, 2)}\n`);
    expect(row.broken).toEqual([]);
  },
);

test("faults strike at their steps", () => {
  const struck = rows.filter(({ step, struckAt }) => step !== "" && struckAt !== "");
  const off = struck.filter(({ step, struckAt }) => struckAt !== step);
  const reported = off.map(({ fault, step, struckAt }) => `${fault} x ${step}: ${struckAt}`);
  if (off.length > struck.length * MOST_OFF_STEP) expect(reported).toEqual([]);
});
