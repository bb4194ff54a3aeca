import {
  contains,
  formatAddress,
  lastOf,
  overlaps,
  parseAddress,
  parseCidr,
} from "../../../provider/core/addresses/ipv4";
import type { DeploymentRequest } from "../../../provider/core/addresses/model";
import { isLeasable } from "../../../provider/core/addresses/sizing";
import type { Kept, Settings } from "./helpers";

/*
 * What must hold of every update, whatever was changed. Plain conditions: they are looked at some million times, for
 * which jest's matchers are too slow.
 */

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const isSame = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

const isPresent = ({ deployments }: Kept, name: string) =>
  deployments[name] !== undefined && deployments[name].missing === undefined;

/**
 * Everybody has an address of their own, in a subnet of their own, in the pool, and as the user
 * fixed it.
 */
export function checkSound(
  { pool, exclude = [] }: Settings,
  requests: readonly DeploymentRequest[],
  kept: Kept,
): void {
  const subnets = Object.values(kept.deployments).map(({ subnet }) => parseCidr(subnet));
  const excluded = exclude.map(parseCidr);
  for (const [i, subnet] of subnets.entries()) {
    must(!subnets.some((other, j) => i !== j && overlaps(subnet, other)), "two subnets overlap");
  }
  const names = requests.map((request) => request.deployment);
  const present = Object.keys(kept.deployments).filter((name) => isPresent(kept, name));
  must(isSame(present, names), "somebody was forgotten");
  const seen = new Set<string>();
  for (const { deployment: name, subnet, replicas } of requests) {
    const { subnet: given, leases } = kept.deployments[name]!;
    const block = parseCidr(given);
    must(contains(parseCidr(pool), block), "a subnet is outside the pool");
    must(!excluded.some((other) => overlaps(other, block)), "a subnet is on an exclusion");
    must(subnet === undefined || given === subnet, `${name} does not have its fixed subnet`);
    must(
      isSame(
        Object.keys(leases),
        replicas.map(({ key }) => key),
      ),
      `${name} has other replicas`,
    );
    for (const { key, ip } of replicas) {
      const lease = leases[key]!;
      must(ip === undefined || lease === ip, `${name}/${key} does not have its fixed address`);
      must(isLeasable(block, parseAddress(lease)), `${name}/${key} may not have ${lease}`);
      must(!seen.has(lease), `${lease} has two owners`);
      seen.add(lease);
    }
  }
}

/** Nobody is moved but by the user's word; a subnet only ever grows, from the same start. */
export function checkSticky(
  requests: readonly DeploymentRequest[],
  before: Kept,
  after: Kept,
): void {
  for (const { deployment: name, subnet, replicas } of requests) {
    const old = before.deployments[name];
    const now = after.deployments[name]!;
    if (!old) continue;
    const block = parseCidr(now.subnet);
    if (subnet === undefined) {
      must(contains(block, parseCidr(old.subnet)), `${name} lost a part of its subnet`);
      must(block.base === parseCidr(old.subnet).base, `${name}'s subnet starts elsewhere`);
    }
    for (const { key, ip } of replicas) {
      const lease = old.leases[key];
      if (lease === undefined || ip !== undefined) continue;
      if (isLeasable(block, parseAddress(lease))) {
        must(now.leases[key] === lease, `${name}/${key} lost ${lease}`);
      } else must(subnet !== undefined, `${name}/${key} was left outside by a subnet nobody fixed`);
    }
  }
}

/**
 * No address passes from one replica to another in one update, not even with the user's word. In a
 * later one it does only when no other is left, or with the user's word. Who is missing keeps all
 * that it had.
 */
export function checkQuarantine(
  requests: readonly DeploymentRequest[],
  before: Kept,
  after: Kept,
): void {
  for (const [name, old] of Object.entries(before.deployments)) {
    for (const [other, { subnet }] of Object.entries(after.deployments)) {
      const passed = other !== name && overlaps(parseCidr(subnet), parseCidr(old.subnet));
      must(!passed || old.missing !== undefined, `${other} has a part of ${name}'s subnet`);
    }
    const now = after.deployments[name];
    if (now === undefined) must(old.missing !== undefined, `${name} was forgotten`);
    if (now?.missing === undefined) continue;
    const { missing: since, ...rest } = now;
    const { missing: before, ...had } = old;
    must(JSON.stringify(rest) === JSON.stringify(had), `${name} lost something while missing`);
    must(before === undefined || before === since, `${name} is missing since ${before}`);
  }
  for (const { deployment: name, replicas } of requests) {
    const old = before.deployments[name];
    const now = after.deployments[name]!;
    if (!old) continue;
    const holders = new Map(Object.entries(old.leases).map(([key, ip]) => [ip, key]));
    const leased = new Set(Object.values(now.leases));
    const isFixed = new Map(replicas.map(({ key, ip }) => [key, ip !== undefined]));
    let reused: string | undefined;
    for (const [key, ip] of Object.entries(now.leases)) {
      must((holders.get(ip) ?? key) === key, `${ip} passed to ${key} at once`);
      const release = old.released?.[ip];
      if (release && release.by !== key && !isFixed.get(key)) reused = ip;
    }
    for (const ip of Object.keys(now.released ?? {}))
      must(!leased.has(ip), `${ip} is not released`);
    for (const ip of holders.keys()) {
      const isRemembered = leased.has(ip) || now.released?.[ip] !== undefined;
      const isInside = isLeasable(parseCidr(now.subnet), parseAddress(ip));
      must(isRemembered || !isInside, `nobody remembers ${ip}`);
    }
    if (reused === undefined) continue;
    const was = parseCidr(old.subnet);
    const edges = [was.base, was.base + 1, lastOf(was)].map(formatAddress);
    const others = [...holders.keys(), ...Object.keys(old.released ?? {}), ...edges];
    const spoken = new Set([...leased, ...others]);
    const subnet = parseCidr(now.subnet);
    for (let free = subnet.base + 2; free < lastOf(subnet); free++) {
      must(
        spoken.has(formatAddress(free)),
        `${reused} reused though ${formatAddress(free)} is free`,
      );
    }
  }
}

/**
 * How many addresses a deployment needs at one time: its leases, and those that leave in this
 * update.
 */
export function needOf(before: Kept, after: Kept, name: string): number {
  const leases = after.deployments[name]?.leases ?? {};
  const old = Object.entries(before.deployments[name]?.leases ?? {});
  return Object.keys(leases).length + old.filter(([key, ip]) => leases[key] !== ip).length;
}

/**
 * A subnet that Ferry sizes is at most 4 times the need at the worst moment, but for the smallest
 * ones.
 */
export function checkWaste(kept: Kept, most: ReadonlyMap<string, number>): void {
  for (const [name, { subnet }] of Object.entries(kept.deployments)) {
    const need = most.get(name);
    const size = 2 ** (32 - parseCidr(subnet).prefix);
    must(need === undefined || size <= Math.max(32, 4 * (need + 1)), `${name} wastes ${subnet}`);
  }
}
