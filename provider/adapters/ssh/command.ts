import { FerryError } from "../../core/errors";
import type { Command, CommandResult } from "../../core/adapter-ports";
import { redactText } from "../../core/redact";
import { at, userOf, type Endpoint } from "./failures";
import type { Frame } from "./frame";
import type { Ended } from "./output";
import { describeCommand, noProgram, quote } from "./quote";
import { connectionSecrets } from "./redact";

/**
 * Closing a channel does not end what runs at its other end, so a command's deadline is kept on the
 * host itself, by `timeout` where it is installed (it is part of coreutils and busybox). It stands
 * behind sudo, as a user's process may not signal root's.
 */
const BOUNDED =
  'n=$1; shift; if command -v timeout >/dev/null 2>&1; then exec timeout -k 5 "$n" "$@"; fi; exec "$@"';

export function needsSudo(endpoint: Endpoint, root: boolean | undefined): boolean {
  return root === true && userOf(endpoint.settings) !== "root";
}

/** The line that sshd hands to the user's shell. */
export function commandLine(
  endpoint: Endpoint,
  command: Pick<Command, "argv" | "root" | "timeoutSeconds">,
  frame: Frame,
  announce = false,
): string {
  const { argv, timeoutSeconds } = command;
  if (argv.length === 0) throw noProgram();
  const bounded =
    timeoutSeconds === undefined
      ? argv
      : ["sh", "-c", BOUNDED, "sh", String(Math.ceil(timeoutSeconds)), ...argv];
  const framed = frame.around(announce ? frame.announcing(bounded) : bounded);
  const asRoot = needsSudo(endpoint, command.root) ? ["sudo", "-n", "--"] : [];
  return quote([...asRoot, ...framed]);
}

/** Whether `timeout` on the host ended the command, rather than the command itself. */
export function endedByDeadline(
  result: CommandResult,
  elapsedMilliseconds: number,
  seconds: number,
) {
  const byTimeout = result.exitCode === 124 || result.exitCode === 137;
  return byTimeout && elapsedMilliseconds >= Math.ceil(seconds) * 1000;
}

/** What a command is called in messages; secrets never show. */
export function titleOf(endpoint: Endpoint, argv: readonly string[], redact: Command["redact"]) {
  // Before quoting and shortening: neither may leave a part of a secret that is not recognised any
  // more.
  const words = argv.map((word) => redactText(word, secretsOf(endpoint, redact)));
  return `command \`${describeCommand(words)}\``;
}

export function timedOut(endpoint: Endpoint, title: string, seconds: number, known: boolean) {
  const said = known
    ? "It was ended there; what it had done until then stays"
    : "Whether it still runs there is unknown";
  return new FerryError({
    kind: "trouble",
    what: title,
    ended: "timed out",
    ...at(endpoint),
    reason: `it did not end within ${seconds} s`,
    touched: { said },
  });
}

export function exitFailure(
  endpoint: Endpoint,
  title: string,
  result: CommandResult,
  redact: Command["redact"],
): FerryError {
  const secrets = secretsOf(endpoint, redact);
  // Hidden before it is shortened: what is cut in two may not be recognised any more.
  const lastWordsOf = (output: string) => lastWords(redactText(output, secrets));
  const said = lastWordsOf(result.stderr) || lastWordsOf(result.stdout);
  const code = `exit code ${result.exitCode}`;
  const reason = said === "" ? code : `${said} (${code})`;
  return new FerryError({ kind: "trouble", what: title, ...at(endpoint), reason, secrets });
}

function secretsOf(endpoint: Endpoint, redact: Command["redact"]) {
  return [...(redact ?? []), ...connectionSecrets(endpoint.settings)];
}

const LONGEST_REASON = 400;

function lastWords(output: string): string {
  const lines = output.split(/[\r\n]+/).map((line) => line.trim());
  const text = lines
    .filter((line) => line !== "")
    .join("; ")
    .replace(/[.\s]+$/, "");
  return text.length <= LONGEST_REASON ? text : `...${text.slice(-LONGEST_REASON)}`;
}

const SUDO_REFUSES =
  /^sudo: .*(password is required|askpass|no tty present|terminal is required)|^Sorry, user |is not in the sudoers file|may not run sudo/m;
const SUDO_ABSENT = /(^|: )sudo: (command )?not found/m;

type NotBegun = Extract<Ended, { how: "not begun" }>;

/** Nothing of the command was run: sudo refused, or the login shell is none that runs commands. */
export function notBegun(
  endpoint: Endpoint,
  title: string,
  command: Pick<Command, "root" | "redact">,
  end: NotBegun,
): FerryError {
  const refusal = needsSudo(endpoint, command.root) ? sudoFailure(endpoint, end) : undefined;
  if (refusal) return refusal;
  const secrets = secretsOf(endpoint, command.redact);
  const said = lastWords(redactText(end.said, secrets)) || "nothing";
  return new FerryError({
    kind: "refused",
    what: title,
    ...at(endpoint),
    reason: `the login shell of user '${userOf(endpoint.settings)}' did not run it, and said: ${said} (exit code ${end.exitCode})`,
    advice: "Give that user a login shell that runs commands, such as /bin/sh",
    touched: "nothing",
    secrets,
  });
}

/** sudo's own refusal: it runs nothing then. */
function sudoFailure(endpoint: Endpoint, { exitCode, said }: NotBegun): FerryError | undefined {
  const who = `user '${userOf(endpoint.settings)}'`;
  const sudo = (reason: string, remedy: string) =>
    new FerryError({
      kind: "refused",
      what: "sudo",
      ...at(endpoint),
      reason,
      advice: `${remedy}, or connect as root`,
      touched: "nothing",
    });
  if (exitCode === 127 && SUDO_ABSENT.test(said)) {
    return sudo("it is not installed", `Install it and let ${who} use it without a password`);
  }
  const onlySudoSpoke = exitCode === 1 && /^(sudo: .*(\n|$))+$/.test(said);
  if (!SUDO_REFUSES.test(said) && !onlySudoSpoke) return undefined;
  return sudo(
    `${who} may not run sudo without a password`,
    `Add "${userOf(endpoint.settings)} ALL=(ALL) NOPASSWD: ALL" to /etc/sudoers.d`,
  );
}
