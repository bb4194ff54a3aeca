import { spawnSync } from "node:child_process";

/** What rsync itself does; where this machine has none, that is for the lab to test. */
export const whereRsync = spawnSync("rsync", ["--version"]).status === 0 ? describe : describe.skip;
