import type { CommandResult, Shell } from "../../provider/core/adapter-ports";
import { unitsFault } from "../../provider/adapters/weave/kept-in-order";

/** What `systemctl show` printed, or nothing where there is no systemd. */
const faultAt = (stdout: string, exitCode = 0) => {
  const said: CommandResult = { exitCode, stdout, stderr: "Access denied" };
  const shell = { script: () => Promise.resolve(said) } as unknown as Shell;
  return unitsFault({ name: "node1", shell });
};
const unit = (load: string, active: string, sub: string, result: string, file = "enabled") =>
  `Result=${result}\nLoadState=${load}\nActiveState=${active}\nSubState=${sub}\nUnitFileState=${file}\n`;

describe("the units that a host keeps", () => {
  test.each([
    ["runs", unit("loaded", "active", "running", "success")],
    ["is not asked for without systemd", ""],
  ])("%s: no fault", async (_what, stdout) => {
    expect(await faultAt(stdout)).toBeUndefined();
  });

  test.each([
    [unit("loaded", "failed", "failed", "start-limit-hit"), "failed (start-limit-hit)"],
    [unit("loaded", "failed", "failed", "exit-code"), "failed (exit-code)"],
    [unit("loaded", "inactive", "dead", "success"), "inactive"],
    [unit("not-found", "inactive", "dead", "success", ""), "not there"],
    [unit("masked", "inactive", "dead", "success", "masked"), "not there"],
    [unit("loaded", "active", "running", "success", "disabled"), "not started at boot"],
    [unit("loaded", "activating", "auto-restart", "success"), "restarted again and again"],
    [
      unit("loaded", "activating", "auto-restart", "exit-code"),
      "restarted again and again (exit-code)",
    ],
  ])("%j is told as %s", async (stdout, state) => {
    expect(await faultAt(stdout)).toBe(
      "'node1' does not take ended containers' addresses off the network: " +
        `pulumi-ferry-sweep.service there is ${state}; ` +
        "'node1' does not keep the names of replicas true: " +
        `pulumi-ferry-names.service there is ${state}`,
    );
  });

  test("that cannot be looked at is told with its host", async () => {
    await expect(faultAt("", 1)).rejects.toThrow(/failed on host 'node1': Access denied/);
  });
});
