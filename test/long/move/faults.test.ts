import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { MOVE_STEPS, type MoveStep } from "../../../provider/core/move/plan";
import { runCase, type Row } from "./case";
import { faults, type Fault } from "./faults";
import { Lane } from "./lane";
import { table } from "./table";

jest.setTimeout(600_000);

const lane = new Lane("faults");
const rows: Row[] = [];

beforeAll(() => lane.up());

afterAll(async () => {
  process.stdout.write(`${table(rows)}\n`);
  writeFileSync(join("/tmp/ferry", "move-faults.json"), JSON.stringify(rows, null, 2));
  await lane.down();
});

const cases = Object.values<Fault>(faults).flatMap((fault) =>
  MOVE_STEPS.map((step): [string, MoveStep, Fault] => [fault.name, step, fault]),
);

test.each(cases)("%s x %s", async (_name, step, fault) => {
  const row = await runCase(lane, { fault, step, back: false });
  rows.push(row);
  expect(row.broken).toEqual([]);
});
