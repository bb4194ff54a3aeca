import { formatLease, leasePath, parseLease, type VolumeLeases } from "../../core/volume/lease";
import { unreadable } from "../lease/host-leases";
import { onHost } from "./fake-host";
import { textAt, writeText } from "./fake-journals";
import type { FakeWorld } from "./fake-world";

/** The leases of a fake world. Calls are named "leases.read", ... */
export function fakeLeases(world: FakeWorld): VolumeLeases {
  return {
    read: (host, of) =>
      onHost(world, { name: host.name, settings: host.connection }, "leases.read", (fake) => {
        const text = textAt(fake, leasePath(of));
        if (text === undefined) return undefined;
        const lease = parseLease(text);
        if (lease === undefined) throw unreadable(host, of);
        return lease;
      }),
    replace: (host, of, { before, lease }) =>
      onHost(world, { name: host.name, settings: host.connection }, "leases.replace", (fake) => {
        const path = leasePath(of);
        const expected = before === undefined ? undefined : formatLease(before);
        if (textAt(fake, path) !== expected) return false;
        if (lease === undefined) Reflect.deleteProperty(fake.files, path);
        else writeText(fake, path, formatLease(lease));
        return true;
      }),
  };
}
