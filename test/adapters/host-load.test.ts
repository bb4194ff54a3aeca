import { execFileSync } from "node:child_process";
import { hostLoad, LOAD } from "../../provider/adapters/host/host-load";
import type { Host } from "../../provider/core/adapter-ports";

const answering = (stdout: string): Pick<Host, "shell"> =>
  ({
    shell: { script: () => Promise.resolve({ exitCode: 0, stdout, stderr: "" }) },
  }) as unknown as Pick<Host, "shell">;

test("what a host tells is smoothed, and what is none of it is passed over", async () => {
  const answer =
    "Welcome!\nferry-load 1.00 4 1000 500 10.00 0.00\nferry-load 3.00 4 1000 700 0.00 30.00\n";
  const reading = await hostLoad(answering(answer));
  expect(reading).toMatchObject({ load: 2, cpus: 4 });
  expect(reading?.memoryUsed).toBeCloseTo(0.4);
  expect(reading?.pressure).toBeCloseTo(0.2);
  expect(await hostLoad(answering("ferry-load 1.00 4 1000 500\n"))).not.toHaveProperty("pressure");
  expect(await hostLoad(answering("sh: not found\n"))).toBeUndefined();
});

test.each(["dash", "bash"])("this machine tells it, in %s", async (shell) => {
  const stdout = execFileSync(shell, ["-s", "1"], { input: LOAD, encoding: "utf8" });
  const reading = await hostLoad(answering(stdout));
  expect(reading?.cpus).toBeGreaterThan(0);
  expect(reading?.memoryUsed).toBeGreaterThan(0);
  expect(reading?.memoryUsed).toBeLessThan(1);
});
