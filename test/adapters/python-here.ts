import { spawnSync } from "node:child_process";

const python = spawnSync("python3", ["-ISB", "-c", "import hashlib"]).status === 0;

/**
 * What hosts do by python3; where this machine has none, all of it is rsync's, and that is for the
 * lab to test.
 */
export const wherePython = python ? describe : describe.skip;
