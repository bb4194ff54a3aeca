import type { PeerConnection } from "../../../core/weave/report";
import { WEAVE_PORT } from "../../../core/weave/settings";
import { FakeDials } from "./fake-dials";
import { FakeRing } from "./fake-ring";
import type { FakeRouter } from "./fake-router";

/** Who reaches whom between fake routers, and in which words Weave says why not. */
export class FakeLinks<Router extends FakeRouter> {
  readonly hosts = new Map<string, Router>();
  /** Addresses that nobody reaches. */
  readonly unreached = new Set<string>();
  /** The electors' agreement; survives any one router. */
  readonly ring = new FakeRing();
  readonly #dials: FakeDials;

  /**
   * @param now milliseconds, by which routers wait between attempts; without it, each look at them
   * is a new attempt
   */
  constructor(now?: () => number) {
    this.#dials = new FakeDials(now);
  }

  /** Whether Weave's range has been divided. */
  get agreed(): boolean {
    return this.ring.divided;
  }

  running(): Router[] {
    return [...this.hosts.values()].filter((router) => router.isRunning);
  }

  /** The routers that this one reaches, itself among them. */
  reachedFrom(router: FakeRouter): Router[] {
    return this.running().filter((other) => other === router || this.#isJoined(router, other));
  }

  /** The others that this one is connected with. */
  joinedWith(router: FakeRouter): Router[] {
    return this.reachedFrom(router).filter((other) => other !== router);
  }

  /** As the router reports them: first what stands, then what it keeps trying. */
  connectionsOf(router: FakeRouter): PeerConnection[] {
    const others = this.joinedWith(router);
    return [
      ...others.map((other) => established(router, other)),
      ...this.#failed(router, new Set(others.map(({ address }) => address))),
    ];
  }

  /** A router that was launched anew remembers nothing of what it tried before. */
  restarted(router: FakeRouter): void {
    this.#dials.forget(router);
  }

  /**
   * As `weave connect`, also of a target that there is: what is left of the waiting is curtailed.
   */
  dialNow(router: FakeRouter, target: string): void {
    this.#dials.dialNow(router, target);
  }

  #isJoined(router: FakeRouter, other: FakeRouter): boolean {
    const reason = this.#refusal(router, other);
    const ways = [
      [router, other],
      [other, router],
    ] as const;
    const dialled = ways.filter(([from, to]) => from.targets.has(to.address));
    // Both have to see to their own dialling, so that each waits for itself.
    return dialled.map(([from, to]) => this.#dials.stands(from, to, reason)).includes(true);
  }

  /** Weave's own words, as measured. */
  #refusal(router: FakeRouter, other: FakeRouter): string | undefined {
    if (
      !other.isRunning ||
      this.unreached.has(other.address) ||
      this.unreached.has(router.address)
    ) {
      return `dial tcp :0->${other.address}:${WEAVE_PORT}: connect: connection refused`;
    }
    if (router.peerName === other.peerName) return "peer names collision";
    const { takenFrom } = this.ring;
    if (takenFrom.has(router.peerName) || takenFrom.has(other.peerName))
      return "Received update for IP range I own at 10.32.0.0 v2: incoming message says owner another one v3";
    const [own, theirs] = [router.settings?.password, other.settings?.password];
    if (own === theirs) return undefined;
    if (own === undefined)
      return "no password specificed, but peer requested an encrypted connection";
    if (theirs === undefined)
      return "password specified, but peer requested an unencrypted connection";
    return "read: connection reset by peer";
  }

  #failed(router: FakeRouter, joined: ReadonlySet<string>): PeerConnection[] {
    return [...router.targets]
      .filter((target) => !joined.has(target))
      .map((target) => {
        const other = this.hosts.get(target);
        const reason = other ? this.#refusal(router, other) : "connect: no route to host";
        const { waitSeconds, said } = this.#dials.of(router, target);
        const words = said ?? reason ?? "";
        return {
          address: `${target}:${WEAVE_PORT}`,
          outbound: true,
          state: "failed",
          info: `${words}, retry: 2020-01-01 00:00:00 +0000 UTC m=+9.7`,
          ...(waitSeconds === undefined ? {} : { waitSeconds }),
        };
      });
  }
}

function established(router: FakeRouter, other: FakeRouter): PeerConnection {
  const outbound = router.targets.has(other.address);
  return {
    address: `${other.address}:${outbound ? WEAVE_PORT : 40_000}`,
    outbound,
    state: "established",
    info: `sleeve ${other.peerName}(${other.host})`,
  };
}
