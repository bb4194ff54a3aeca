import { FerryError } from "../../../core/errors";
import { missingLinks, type MeshMember } from "../../../core/weave/mesh";
import type { OtherPeer, PeerInputs } from "../../../core/weave/peer-inputs";
import type { RouterReport } from "../../../core/weave/report";
import { sourceOnHost } from "../../../core/weave/source";
import { asked } from "../../ask";
import { openWeave, type OpenedWeave, type PeerTools } from "./peer-tools";

/** Another peer of the cluster, as it was found just now. */
export interface SeenMember extends OtherPeer {
  /** undefined: the host does not answer, or with an error. */
  readonly opened: OpenedWeave | undefined;
  /** Why it does not, as a message. */
  readonly reason?: string;
  /** The same as it was told: it may well be there, and answer with an error. */
  readonly fault?: FerryError;
  /** undefined: no router answers there. */
  readonly report: RouterReport | undefined;
}

/**
 * Looks at the others, all at the same time. One whose host does not answer keeps nobody waiting
 * but itself.
 */
export function lookAround(
  tools: PeerTools,
  cluster: string,
  members: readonly OtherPeer[],
): Promise<SeenMember[]> {
  const { connections, inputs } = tools.programs.of(cluster);
  return Promise.all(
    members.map(async (member): Promise<SeenMember> => {
      const connection = connections.get(member.host);
      if (connection === undefined) {
        const reason = `The program does not say in this run how host '${member.host}' is reached.`;
        return { ...member, opened: undefined, reason, report: undefined };
      }
      try {
        return await asked(async () => {
          const source = sourceOnHost(inputs.get(member.host));
          const opened = await openWeave(tools, member.host, connection, source);
          return { ...member, opened, report: await opened.weave.report() };
        });
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        return {
          ...member,
          opened: undefined,
          reason: error.message,
          fault: error,
          report: undefined,
        };
      }
    }),
  );
}

/** Another peer of the cluster whose router answers. */
export type AnsweringMember = SeenMember & {
  readonly opened: OpenedWeave;
  readonly report: RouterReport;
};

export function answering(members: readonly SeenMember[]): AnsweringMember[] {
  return members.filter(
    (each): each is AnsweringMember => each.opened !== undefined && each.report !== undefined,
  );
}

/** The range has been divided: whoever comes now joins what is there. */
export function networkExists(members: readonly SeenMember[]): boolean {
  return members.some(({ report }) => report?.ipam?.ready === true);
}

/** Those that run and that a peer is to be connected with directly. */
export function runningMembers(members: readonly SeenMember[]): SeenMember[] {
  return members.filter(({ report, dials, dialled }) => report !== undefined && (dials || dialled));
}

/**
 * What keeps a peer from the members that it is to be connected with, in words; empty when nothing
 * does.
 */
export function missingMembers(
  inputs: Pick<PeerInputs, "host" | "address">,
  report: RouterReport | undefined,
  others: readonly SeenMember[],
): string[] {
  const own: MeshMember = { host: inputs.host, address: inputs.address, report };
  return others.flatMap(({ host, address, report: other }) =>
    missingLinks([own, { host, address, report: other }]),
  );
}
