/** The router's container, as Docker has it, for whoever gets no answer from the router. */
export interface RouterTrouble {
  /** running, restarting, exited, ... */
  readonly status: string;
  /** Of its last end. */
  readonly exitCode: number;
  /** How often Docker has started it again by itself. */
  readonly restarts: number;
  /** The last thing of weight in its log. */
  readonly words?: string;
}

/**
 * Whether it dies again and again. @param before how often it had been started again a while ago
 */
export const isDying = (
  { status, restarts }: Pick<RouterTrouble, "status" | "restarts">,
  before = restarts,
): boolean => status === "restarting" || restarts > before;

/** "restarting, exit code 1, 12 restarts; its last words: ..." */
export function describeTrouble(found: RouterTrouble): string {
  const { status, exitCode, restarts } = found;
  const times = restarts === 1 ? "1 restart" : `${restarts} restarts`;
  return (
    [
      status,
      ...(restarts > 0 || status !== "running" ? [`exit code ${exitCode}`, times] : []),
    ].join(", ") + said(found)
  );
}

/** As `describeTrouble`, without the figure that moves while nothing changes. */
export const describeStanding = (found: Omit<RouterTrouble, "restarts">): string =>
  `${found.status}, exit code ${found.exitCode}${said(found)}`;

const said = ({ words }: Pick<RouterTrouble, "words">) =>
  words === undefined || words === "" ? "" : `; its last words: ${words}`;
