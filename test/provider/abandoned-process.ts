import { writeFileSync } from "node:fs";
import { calling, endWithoutReaders } from "../../provider/handlers/abandoned";

/**
 * Stands for the SDK's provider process: it writes down whatever nobody has caught, as that does.
 */

const [file = ""] = process.argv.slice(2);
const reported = new Set<Error>();
process.on("uncaughtException", (error) => {
  if (reported.has(error)) return;
  reported.add(error);
  console.error(error.stack);
});
endWithoutReaders([process.stdout, process.stderr]);
// As the SDK's server does, for ever.
setInterval(() => undefined, 60_000);

void calling(async () => {
  for (let step = 0; step < 20; step++) {
    console.log(`step ${step}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  writeFileSync(file, `done after ${reported.size} errors`);
});
