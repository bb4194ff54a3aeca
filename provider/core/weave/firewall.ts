import { WEAVE_PORT } from "./settings";

/** A firewall at work on a host, as far as Weave minds it. */
export interface Firewall {
  readonly kind: "firewalld" | "ufw" | "iptables" | "nft";
  /**
   * What it is not seen to keep out: Weave's ports, and what the bridge carries. Where rules decide
   * that were not understood, nothing is said.
   */
  readonly tcp: boolean;
  readonly udp: boolean;
  readonly bridge: boolean;
  readonly unread?: true;
  /** firewalld's zone, where it is known; the chain that drops: "INPUT", "inet filter input". */
  readonly where: string;
}

const LINE =
  /^ferry-firewall (firewalld|ufw|iptables|nft) (yes|no|unread) (yes|no|unread) (yes|no|unread) ?(.*)$/;

/** What the host's script says: a line for each, so that whatever else it prints is no answer. */
export function parseFirewalls(text: string): Firewall[] {
  return text.split("\n").flatMap((line): Firewall[] => {
    const [, kind, tcp, udp, bridge, where = ""] = LINE.exec(line) ?? [];
    if (kind === undefined) return [];
    const is = { tcp: tcp !== "no", udp: udp !== "no", bridge: bridge !== "no" };
    const unread = [tcp, udp, bridge].includes("unread") ? { unread: true as const } : {};
    return [{ kind: kind as Firewall["kind"], ...is, ...unread, where: where.trim() }];
  });
}

const TCP = `${WEAVE_PORT}/tcp`;
const UDP_FROM_TO = [WEAVE_PORT, WEAVE_PORT + 1] as const;
const UDP = `${UDP_FROM_TO.join("-")}/udp`;

interface Way {
  readonly is: (where: string) => string;
  readonly commands: (firewall: Firewall) => readonly (string | false)[];
}

const WAYS: Readonly<Record<Firewall["kind"], Way>> = {
  firewalld: {
    is: (zone) => (zone === "" ? "firewalld" : `firewalld (zone ${zone})`),
    commands: ({ tcp, udp, bridge, where }) => [
      (!tcp || !udp) &&
        [
          `firewall-cmd --permanent --zone=${where}`,
          ...(tcp ? [] : [`--add-port=${TCP}`]),
          ...(udp ? [] : [`--add-port=${UDP}`]),
        ].join(" "),
      !bridge && "firewall-cmd --permanent --zone=trusted --add-interface=weave",
      "firewall-cmd --reload",
    ],
  },
  ufw: {
    is: () => "ufw",
    // Before a rule that denies it; ufw has the word since 0.36.
    commands: ({ tcp, udp, bridge }) => [
      !tcp && `ufw prepend allow ${TCP}`,
      !udp && `ufw prepend allow ${UDP_FROM_TO.join(":")}/udp`,
      !bridge && "ufw prepend allow in on weave",
      !bridge && "ufw route allow in on weave out on weave",
    ],
  },
  iptables: {
    is: (chain) => `iptables' chain ${chain}`,
    commands: ({ tcp, udp, where }) => [
      !tcp && `iptables -I ${where} -p tcp --dport ${WEAVE_PORT} -j ACCEPT`,
      !udp && `iptables -I ${where} -p udp --dport ${UDP_FROM_TO.join(":")} -j ACCEPT`,
    ],
  },
  nft: {
    is: (chain) => `nftables' chain '${chain}'`,
    commands: ({ tcp, udp, bridge, where }) => [
      !tcp && `nft insert rule ${where} tcp dport ${WEAVE_PORT} accept`,
      !udp && `nft insert rule ${where} udp dport ${UDP_FROM_TO.join("-")} accept`,
      !bridge && `nft insert rule ${where} iifname weave oifname weave accept`,
    ],
  },
};

/** What has to be opened on one host, a sentence for each firewall; empty when nothing is shut. */
function openingsOf(firewalls: readonly Firewall[]): string[] {
  return firewalls.flatMap((firewall) => {
    const { tcp, udp, bridge, kind, where } = firewall;
    if (tcp && udp && bridge) return [];
    const ports = [...(tcp ? [] : [TCP]), ...(udp ? [] : [UDP])].join(" and ");
    const wanted = [
      ...(ports === "" ? [] : [`let in ${ports}`]),
      ...(bridge ? [] : ["let through what the interface weave carries"]),
    ].join(", and ");
    const commands = WAYS[kind].commands(firewall).filter((each) => each !== false);
    return [`${WAYS[kind].is(where)} has to ${wanted}: \`${commands.join(" && ")}\``];
  });
}

/**
 * What is to be opened where, for hosts whose peers do not connect: hosts that need the same are
 * told together.
 */
export function firewallAdvice(
  hosts: readonly { readonly host: string; readonly firewalls: readonly Firewall[] }[],
): string {
  const byNeed = new Map<string, string[]>();
  for (const { host, firewalls } of hosts) {
    for (const need of openingsOf(firewalls)) {
      byNeed.set(need, [...(byNeed.get(need) ?? []), `'${host}'`]);
    }
  }
  if (byNeed.size > 0) {
    return [...byNeed]
      .map(
        ([need, names]) => `On host${names.length === 1 ? "" : "s"} ${names.join(", ")} ${need}.`,
      )
      .join(" ");
  }
  if (hosts.length === 0) return "";
  const names = hosts.map(({ host }) => `'${host}'`).join(", ");
  const unread = hosts.some(({ firewalls }) => firewalls.some((each) => each.unread))
    ? ", though some rules there are of kinds that Ferry does not read"
    : "";
  return (
    `Nothing that shuts them was seen in firewalld, ufw, iptables and nftables on ${names}${unread}: look at what is between ` +
    "the hosts, as a router or a cloud's security groups."
  );
}
