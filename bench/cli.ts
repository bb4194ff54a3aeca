import { parseArgs } from "node:util";
import { benchMove } from "./move";
import { benchPlan } from "./plan";

const USAGE =
  "usage: npm run bench -- move [--quick] [--repeat N] [--only 1,100,inplace,files] [--json FILE] [--verbose]\n" +
  "       npm run bench -- plan [--only 1000x20,100x3] [--json FILE]";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      repeat: { type: "string" },
      only: { type: "string" },
      json: { type: "string" },
      verbose: { type: "boolean", default: false },
    },
  });
  const only = values.only?.split(",") ?? [];
  const json = values.json === undefined ? {} : { json: values.json };
  if (positionals.join() === "plan") return benchPlan({ only, ...json });
  const repeat = Number(values.repeat ?? (values.quick ? 1 : 3));
  if (positionals.join() !== "move" || !Number.isInteger(repeat) || repeat < 1) {
    console.error(USAGE);
    return 2;
  }
  return benchMove({
    quick: values.quick,
    verbose: values.verbose,
    repeat,
    only,
    ...json,
  });
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
