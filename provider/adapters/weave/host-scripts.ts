import { hostProgram } from "../../on-host/load";

/**
 * What is run on a host about Weave (provider/on-host/weave). The programs that take a secret get
 * it by standard input; the others are sent by it.
 */
export const RUN = hostProgram("weave/run.sh");
export const RUN_AND_CLEAN = hostProgram("weave/run-and-clean.sh");
export const LAUNCH = hostProgram("weave/launch.sh");
export const RELAUNCH = hostProgram("weave/relaunch.sh");
export const VERSION = hostProgram("weave/version.sh");
export const DATAPATH = hostProgram("weave/datapath.sh");
export const ROUTER = hostProgram("weave/router.sh");
export const REPORT = hostProgram("weave/report.sh");
export const TROUBLE = hostProgram("weave/trouble.sh");
export const LAST_WORDS = hostProgram("weave/last-words.sh");
export const SETUP = hostProgram("weave/fetch-images.sh");
export const REMAINING = hostProgram("weave/remaining.sh");
export const COLLECT = hostProgram("weave/after-reset.sh");
export const EXPOSED = hostProgram("weave/exposed.sh");
export const FORGET_REMOVED = hostProgram("weave/forget-removed.sh");
export const LET_GO = hostProgram("weave/let-go.sh");

/** Exit code of a command that `timeout` ended. */
export const TIMED_OUT = 124;
/** Exit code of RELAUNCH when the former router runs again. */
export const TAKEN_BACK = 45;
/** In front of the last words of the router that did not start. */
export const LOG_MARK = "--- its log";
/** Exit code of ROUTER when there is no such container. */
export const NO_ROUTER = 44;

/**
 * Where Ferry keeps on a host what it must know of its own doing there; the programs know it, too.
 */
const STATE_FOLDER = "/var/lib/ferry/weave";
export const REMOVED = `${STATE_FOLDER}/removed.json`;
/** How the router came to the host. */
export const ORIGIN = `${STATE_FOLDER}/origin.json`;
