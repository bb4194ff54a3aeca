import { spawnSync } from "child_process";

const SHELLS = ["bash", "dash", "busybox sh", "fish", "tcsh", "zsh"];

/** The login shells that this machine has; a lab's hosts have what their base system has. */
export const shellsHere = SHELLS.filter((shell) => {
  const [program = "", ...args] = shell.split(" ");
  return spawnSync(program, [...args, "-c", "exit 0"]).status === 0;
});
