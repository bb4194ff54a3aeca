import { spawnSync } from "child_process";
import type { FakeCall, FakeHandler } from "../../provider/adapters/fakes/fake-commands";

/** A fake host's `sh`, for suites whose scripts touch nothing: the one of this machine. */
export const localSh: FakeHandler = ({ argv, stdin }: FakeCall) => {
  const { status, stdout, stderr } = spawnSync("sh", argv.slice(1), { input: stdin });
  return { exitCode: status ?? 1, stdout: stdout.toString(), stderr: stderr.toString() };
};
