/** As Docker's daemon and command line, runc and the weave command begin to complain. */
const THEIRS =
  /error response from daemon|\(HTTP code \d+\)|client version \S+ is too old|OCI runtime|cannot connect to the docker daemon|error during connect|the weave container has died|could not (start|find|locate|connect)|weave: |docker: |no such (container|image|volume|network)|Error: No such/i;
const OURS = /\b[Hh]osts? '[^']+'/;

/**
 * Lines of a run's output that only Docker or Weave can have put so: nobody says on which host, and
 * what it means.
 */
export function foreignWords(said: string): string[] {
  return said.split("\n").filter((line) => THEIRS.test(line) && !OURS.test(line));
}
