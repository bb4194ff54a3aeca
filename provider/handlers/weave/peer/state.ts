import type { PeerInputs } from "../../../core/weave/peer-inputs";
import { PROXY_SOCKET } from "../../../core/weave/weave-port";
import type { RouterReport } from "../../../core/weave/report";

export interface PeerState extends Omit<PeerInputs, "peerName" | "nickname"> {
  /** Weave's name of the peer, whether the program gave it or Weave derived it. */
  readonly peerName: string;
  readonly nickname: string;
  /** The router's version. */
  readonly version: string;
  /** Path on the host of the Docker API through which containers get their addresses. */
  readonly proxySocket: string;
  /** Its router was there before Ferry, and is left there when the peer goes. */
  readonly adopted?: true;
  /** It was launched, and is not known to have got into the network: the next `up` sees to that. */
  readonly joined?: false;
}

export function stateOf(
  inputs: PeerInputs,
  report: RouterReport | undefined,
  { adopted }: Pick<PeerState, "adopted"> = {},
): PeerState {
  return {
    ...inputs,
    peerName: report?.peerName ?? inputs.peerName ?? "",
    nickname: report?.nickname ?? inputs.nickname ?? "",
    version: report?.version ?? "",
    proxySocket: PROXY_SOCKET,
    ...(adopted === true ? { adopted } : {}),
  };
}

/**
 * The inputs that state was made from. Names that the program left open are not in it as far as the
 * router can tell.
 */
export function inputsIn(
  outs: PeerState,
  launchedWith: { readonly peerName?: string; readonly nickname?: string },
): PeerInputs {
  const {
    peerName: _p,
    nickname: _n,
    version: _v,
    proxySocket: _s,
    joined: _j,
    adopted: _a,
    ...inputs
  } = outs;
  const { peerName, nickname } = launchedWith;
  return {
    ...inputs,
    ...(peerName === undefined ? {} : { peerName }),
    ...(nickname === undefined ? {} : { nickname }),
  };
}
