import type { RouterReport } from "../../../core/weave/report";
import type { RouterContainer } from "../../../core/weave/router-container";
import { routerSettings, type LaunchSettings } from "../../../core/weave/settings";
import type { FakeLinks } from "./fake-links";
import type { FakeRouter } from "./fake-router";

/** What a fake router that runs with these settings says of itself and of the others. */
export function fakeReport(
  router: FakeRouter,
  settings: LaunchSettings,
  network: FakeLinks<FakeRouter>,
  version: string,
): RouterReport {
  const joined = network.joinedWith(router).map(({ peerName }) => peerName);
  const reached = new Set([router.peerName, ...joined]);
  return {
    version,
    peerName: router.peerName,
    nickname: router.nickname,
    encrypted: settings.password !== undefined,
    targets: [...router.targets].sort(),
    connections: network.connectionsOf(router),
    establishedWith: joined.sort(),
    ipam: {
      range: settings.ipallocRange,
      ready: network.ring.divided,
      shares: network.ring.shares((peerName) => reached.has(peerName)),
    },
    dnsDomain: settings.dnsDomain ?? "weave.local",
    externalNames: router.names.all(),
  };
}

/** What Docker says of its container. */
export function fakeContainer(
  router: FakeRouter,
  settings: LaunchSettings,
  { version, images }: { readonly version: string; readonly images: string },
  password: string | undefined,
): RouterContainer {
  const own = settings.password;
  return {
    status: router.isRunning ? "running" : "exited",
    imageVersion: settings.imageVersion ?? version,
    images: settings.images ?? images,
    fastDatapath: false,
    settings: routerSettings(settings),
    password: own === undefined ? "none" : own === password ? "same" : "other",
  };
}
