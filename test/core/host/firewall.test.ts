import { firewallAdvice, parseFirewalls } from "../../../provider/core/weave/firewall";

const on = (host: string, ...lines: string[]) => ({
  host,
  firewalls: parseFirewalls(lines.map((line) => `ferry-firewall ${line}\n`).join("")),
});

test.each([
  [
    "firewalld no no no public",
    "On host 'a' firewalld (zone public) has to let in 6783/tcp and 6783-6784/udp, and let through what the interface weave carries: " +
      "`firewall-cmd --permanent --zone=public --add-port=6783/tcp --add-port=6783-6784/udp && " +
      "firewall-cmd --permanent --zone=trusted --add-interface=weave && firewall-cmd --reload`.",
  ],
  [
    "firewalld yes no yes home",
    "On host 'a' firewalld (zone home) has to let in 6783-6784/udp: " +
      "`firewall-cmd --permanent --zone=home --add-port=6783-6784/udp && firewall-cmd --reload`.",
  ],
  [
    "ufw no no no",
    "On host 'a' ufw has to let in 6783/tcp and 6783-6784/udp, and let through what the interface weave carries: " +
      "`ufw prepend allow 6783/tcp && ufw prepend allow 6783:6784/udp && ufw prepend allow in on weave && ufw route allow in on weave out on weave`.",
  ],
  [
    "iptables no yes yes INPUT",
    "On host 'a' iptables' chain INPUT has to let in 6783/tcp: " +
      "`iptables -I INPUT -p tcp --dport 6783 -j ACCEPT`.",
  ],
  [
    "nft no no yes inet filter input",
    "On host 'a' nftables' chain 'inet filter input' has to let in 6783/tcp and 6783-6784/udp: " +
      "`nft insert rule inet filter input tcp dport 6783 accept && nft insert rule inet filter input udp dport 6783-6784 accept`.",
  ],
  [
    "nft yes yes no inet filter forward",
    "On host 'a' nftables' chain 'inet filter forward' has to let through what the interface weave carries: " +
      "`nft insert rule inet filter forward iifname weave oifname weave accept`.",
  ],
])("'%s' in words, with the very commands", (line, words) => {
  expect(firewallAdvice([on("a", line)])).toBe(words);
});

test("hosts that need the same are told together, and those that need nothing not at all", () => {
  const words = firewallAdvice([
    on("a", "ufw no yes yes"),
    on("b", "firewalld yes yes yes public"),
    on("c", "ufw no yes yes"),
  ]);
  expect(words).toBe("On hosts 'a', 'c' ufw has to let in 6783/tcp: `ufw prepend allow 6783/tcp`.");
});

test("with nothing shut on any of them, it is between them", () => {
  const words = firewallAdvice([on("a"), on("b", "ufw yes yes yes")]);
  expect(words).toMatch(
    /^Nothing that shuts them was seen in .* on 'a', 'b': look at what is between/,
  );
  expect(firewallAdvice([on("a", "nft unread yes yes inet filter input")])).toMatch(
    /^Nothing .* on 'a', though some rules there are of kinds that Ferry does not read: look at/,
  );
  expect(firewallAdvice([])).toBe("");
});

test("whatever else a host prints is no answer", () => {
  expect(parseFirewalls("ferry-firewall\nufw no no no\nferry-firewall other no no no x\n")).toEqual(
    [],
  );
});
