import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firewallsOf } from "../../provider/adapters/weave/firewalls";
import type { Host } from "../../provider/core/adapter-ports";
import { shellsHere } from "./shells-here";

/** Programs that say what those of real hosts were read to say. */
const FIREWALLD = (ports: string, bridge: string) => `case "$*" in
  --state) echo running ;;
  --get-zone-of-interface=weave) ${bridge} ;;
  --get-zone-of-interface=*) echo "no zone"; exit 2 ;;
  --get-default-zone) echo public ;;
  *--get-target) echo default ;;
  *--query-port=*) case "$*" in ${ports}) exit 0 ;; *) exit 1 ;; esac ;;
esac`;
const UFW = (...rules: string[]) => `cat <<'END'
Status: active

To                         Action      From
--                         ------      ----
22/tcp                     ALLOW       Anywhere
${rules.join("\n")}
END`;
const IPTABLES = (policy: string, ...rules: string[]) =>
  `printf '%s\\n' '-P INPUT ${policy}' '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT' ${rules.map((rule) => `'${rule}'`).join(" ")}`;
/** Chains of a table as `list chains` and `list chain` say them. */
const NFT = (...chains: { family?: string; name: string; policy?: string; rules?: string[] }[]) => {
  const head = ({ name, policy = "drop" }: { name: string; policy?: string }) =>
    `\tchain ${name} {\n\t\ttype filter hook ${name.toLowerCase()} priority filter; policy ${policy};\n`;
  const table = (family = "inet") => `table ${family} filter {\n`;
  const listed = chains.map((each) => `${table(each.family)}${head(each)}\t}\n}\n`).join("");
  const each = chains.map(({ family = "inet", name, policy = "drop", rules = [] }) => {
    const text = rules.map((rule) => `\t\t${rule}\n`).join("");
    return `"list chain ${family} filter ${name}") cat <<'END'\n${table(family)}${head({ name, policy })}${text}\t}\n}\nEND\n;;`;
  });
  return `case "$*" in\n"list chains") cat <<'END'\n${listed}END\n;;\n${each.join("\n")}\nesac`;
};
const input = (...rules: string[]) => NFT({ name: "input", rules });
const ROUTE = `echo '10.0.0.2 dev eth0 src 10.0.0.1 uid 0'`;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ferry-firewalls-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const shells = shellsHere.filter((shell) => !/fish|tcsh|zsh/.test(shell));

describe.each(shells)("by %s", (shell) => {
  function look(programs: Record<string, string>, peer = "10.0.0.2") {
    const none = {
      "firewall-cmd": "exit 252",
      ufw: "exit 1",
      iptables: "exit 1",
      nft: "exit 1",
      ip: ROUTE,
    };
    const awk = shell.startsWith("busybox") ? { awk: 'exec busybox awk "$@"' } : {};
    for (const [name, text] of Object.entries({ ...none, ...awk, ...programs })) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const [program = "", ...own] = shell.split(" ");
    const script = (text: string, args: string[]) => {
      const env = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
      const { status, stdout } = spawnSync(program, [...own, "-s", "--", ...args], {
        ...{ input: text, env },
      });
      return Promise.resolve({ exitCode: status, stdout: String(stdout), stderr: "" });
    };
    return firewallsOf({ shell: { script } } as unknown as Host, peer);
  }

  const is = (kind: string, open: string, where = "") => {
    const [tcp, udp, bridge] = [0, 1, 2].map((at) => open[at] === "y");
    return { kind, tcp, udp, bridge, where };
  };

  test.each([
    ["nothing at work", {}, []],
    [
      "firewalld, all shut",
      { "firewall-cmd": FIREWALLD("none", "echo public") },
      [is("firewalld", "nnn", "public")],
    ],
    [
      "firewalld, all open",
      { "firewall-cmd": FIREWALLD("*6783/*|*6784/udp", "echo trusted") },
      [is("firewalld", "yyy", "public")],
    ],
    [
      "firewalld, one UDP port of two",
      { "firewall-cmd": FIREWALLD("*6783/*", "echo 'no zone'; exit 2") },
      [is("firewalld", "ynn", "public")],
    ],
    ["ufw, all shut", { ufw: UFW() }, [is("ufw", "nnn")]],
    [
      "ufw, opened as Ferry says",
      {
        ufw: UFW(
          "6783/tcp                   ALLOW       Anywhere",
          "6783:6784/udp              ALLOW       Anywhere",
          "Anywhere on weave          ALLOW       Anywhere",
        ),
      },
      [is("ufw", "yyy")],
    ],
    [
      "ufw, all from one address",
      { ufw: UFW("Anywhere                   ALLOW       10.0.0.2") },
      [is("ufw", "yyn")],
    ],
    ["ufw, off", { ufw: "echo 'Status: inactive'" }, []],
    ["iptables that accepts", { iptables: IPTABLES("ACCEPT") }, []],
    [
      "iptables that drops",
      { iptables: IPTABLES("DROP", "-A INPUT -p udp -m udp --dport 6783:6784 -j ACCEPT") },
      [is("iptables", "nyy", "INPUT")],
    ],
    [
      "iptables that accepts and rejects in its last rule, as Oracle's cloud and RHEL set it up",
      { iptables: IPTABLES("ACCEPT", "-A INPUT -j REJECT --reject-with icmp-host-prohibited") },
      [is("iptables", "nny", "INPUT")],
    ],
    [
      "iptables, what is accepted behind the rejection",
      {
        iptables: IPTABLES(
          "ACCEPT",
          "-A INPUT -p udp -m udp --dport 6783:6784 -j ACCEPT",
          "-A INPUT -j REJECT --reject-with icmp-host-prohibited",
          "-A INPUT -p tcp -m tcp --dport 6783 -j ACCEPT",
        ),
      },
      [is("iptables", "nyy", "INPUT")],
    ],
    [
      "iptables that rejects some alone",
      { iptables: IPTABLES("ACCEPT", "-A INPUT -s 10.9.0.0/16 -j REJECT") },
      [],
    ],
    [
      "ufw, what goes out is not what comes in",
      { ufw: UFW("Anywhere                   ALLOW OUT   Anywhere (out)") },
      [is("ufw", "nnn")],
    ],
    [
      "nftables that drops; what iptables made there is iptables' own",
      {
        nft: NFT(
          { name: "input", rules: ["tcp dport { 22, 6783 } accept"] },
          { name: "forward", rules: ["tcp dport { 22, 6783 } accept"] },
          { name: "FORWARD", family: "ip" },
          { name: "INPUT", rules: ["tcp dport 22 accept"] },
        ),
      },
      [
        is("nft", "yny", "inet filter input"),
        is("nft", "yyn", "inet filter forward"),
        is("nft", "nny", "inet filter INPUT"),
      ],
    ],
  ])("%s", async (_what, programs, found) => {
    expect(await look(programs as Record<string, string>)).toEqual(found);
  });

  /** What is said of TCP and UDP: y open, n shut, ? that rules decide which were not understood. */
  const openIn = async (programs: Record<string, string>, peer?: string) => {
    const found = (await look(programs, peer))?.[0];
    if (found === undefined) return "yy";
    const unread = found.unread ? "?" : "y";
    return [found.tcp, found.udp].map((open) => (open ? unread : "n")).join("");
  };

  test.each([
    ["nn", ["Anywhere                   ALLOW IN    192.168.1.50"]],
    ["yy", ["Anywhere                   ALLOW IN    10.0.0.0/24"]],
    ["nn", ["Anywhere                   ALLOW FWD   Anywhere"]],
    ["nn", ["6783                       DENY IN     10.0.0.2", "6783:6784 ALLOW IN Anywhere"]],
    ["yn", ["6783,6784/tcp              ALLOW IN    Anywhere"]],
    ["ny", ["6783,6784/udp              ALLOW IN    Anywhere                   # Weave"]],
    ["nn", ["6783/tcp on eth1           ALLOW IN    Anywhere"]],
    ["yn", ["6783/tcp on eth0           ALLOW IN    Anywhere"]],
    ["ny", ["6700:6800/udp              ALLOW IN    Anywhere"]],
    ["ny", ["6700:6800/udp (Weave)      ALLOW IN    Anywhere"]],
    ["nn", ["6783                       ALLOW IN    Anywhere (v6)", "16783 ALLOW IN Anywhere"]],
    ["yn", ["10.0.0.1 6783              ALLOW IN    10.0.0.2", "10.0.0.9 6784 ALLOW IN Anywhere"]],
    ["yn", ["Anywhere                   ALLOW IN    10.0.0.2/tcp"]],
    ["??", ["Strange Thing              ALLOW IN    Anywhere"]],
  ])("ufw, %s: %j", async (open, rules) => {
    expect(await openIn({ ufw: UFW(...rules) })).toBe(open);
  });

  test("ufw that allows what no rule is about", async () => {
    const ufw = (rules: string) =>
      `printf 'Status: active\\nDefault: allow (incoming), allow (outgoing), deny (routed)\\n${rules}'`;
    expect(await openIn({ ufw: ufw("") })).toBe("yy");
    expect(await openIn({ ufw: ufw("6783/tcp    REJECT IN   10.0.0.0/8\\n") })).toBe("ny");
  });

  test.each([
    ["nn", "ACCEPT", ["-i eth0 -j DROP"]],
    ["yy", "ACCEPT", ["-i eth1 -j DROP"]],
    ["nn", "ACCEPT", ['-m comment --comment "no -j ACCEPT" -j DROP']],
    ["yy", "DROP", ["-s 10.0.0.0/24 -j ACCEPT"]],
    ["nn", "DROP", ["-s 10.0.1.0/24 -j ACCEPT"]],
    ["nn", "DROP", ["-p tcp -m tcp --dport 16783 -j ACCEPT", "-m state --state RELATED -j ACCEPT"]],
    ["yn", "DROP", ["-p tcp -m multiport --dports 22,6700:6800 -j ACCEPT"]],
    [
      "ny",
      "DROP",
      ["-p udp -m conntrack --ctstate NEW,RELATED -m udp --dport 6783:6784 -j ACCEPT"],
    ],
    ["yy", "DROP", ["! -s 192.168.0.0/16 -j ACCEPT"]],
    ["yy", "DROP", ["-d 10.0.0.1/32 -j LOG --log-prefix x", "-d 10.0.0.1/32 -j ACCEPT"]],
    ["??", "DROP", ["-j fail2ban"]],
    ["nn", "DROP", ["-p tcp -m multiport --dports 22 -j fail2ban"]],
    ["n?", "DROP", ["-p udp -m set --match-set peers src -j ACCEPT"]],
    ["yy", "ACCEPT", ["-m limit --limit 5/min -j ACCEPT"]],
  ])("iptables, %s: policy %s, %j", async (open, policy, rules) => {
    const said = rules.map((rule) => `-A INPUT ${rule}`);
    expect(await openIn({ iptables: IPTABLES(policy, ...said) })).toBe(open);
  });

  test.each([
    ["nn", [`counter packets 3 bytes 180 reject with icmpx admin-prohibited`], "accept"],
    ["yy", [`ip6 saddr fe80::/10 drop`, `iifname "eth1" drop`, `iif != "eth0" drop`], "accept"],
    ["yy", ["ip saddr 10.0.0.0/24 accept"]],
    ["nn", ["ip saddr != 10.0.0.0/24 accept", "ip saddr { 10.0.0.3, 10.1.0.0/16 } accept"]],
    ["yy", ["ip saddr { 10.0.0.1-10.0.0.9, 10.1.0.0/16 } accept"]],
    ["yy", ["th dport 6783-6784 accept"]],
    ["yn", ["meta l4proto tcp th dport 6783-6784 accept", "icmp type echo-request accept"]],
    ["yn", ["tcp dport { 22,", "80, 6783 } accept"]],
    ["nn", ["ct state vmap { invalid : drop, established : accept }", "tcp dport 16783 accept"]],
    ["nn", ["ct state established,related accept", 'log prefix "we accept: " level info drop']],
    ["yn", ['ct state new tcp dport 6783 counter accept comment "no drop"']],
    ["??", ["jump own"]],
    ["??", ["tcp dport { 22 } drop", 'iifname vmap { "lo" : accept, "eth0" : jump own }']],
    ["??", ["ip saddr @peers accept"]],
    ["yy", ["limit rate 5/second accept", "accept"]],
    ["??", ['iifname . tcp dport { "eth0" . 6783 } drop'], "accept"],
    ["??", ["ip saddr . tcp dport { 10.0.0.2 . 6783 } accept"]],
    ["??", ["fib saddr . iif oif missing drop"], "accept"],
    ["nn", ['tcp dport 22 accept comment "of {{ role }"', 'iifname "eth0" drop'], "accept"],
    ["nn", ['log prefix "{ " level info', 'iifname "eth0" drop'], "accept"],
    ["??", ["tcp dport { 22,", "80"], "accept"],
  ])("nftables, %s: %j", async (open, rules, policy = "drop") => {
    expect(await openIn({ nft: NFT({ name: "input", policy, rules }) })).toBe(open);
  });

  test("nftables, what is IPv6's is not told", async () => {
    expect(await look({ nft: NFT({ name: "input", family: "ip6" }) })).toEqual([]);
  });

  test("a peer that is dialled by its name is the address that its host finds", async () => {
    const getent = `[ "$*" = "ahostsv4 node2.example" ] && echo '10.0.0.2  STREAM node2.example'`;
    const nft = input("ip saddr 10.0.0.2 accept");
    expect(await openIn({ getent, nft }, "node2.example")).toBe("yy");
    const none = { getent: "exit 2", ip: "exit 2" };
    expect(await openIn({ ...none, nft }, "node2.example")).toBe("??");
    expect(await openIn({ ...none, nft: input() }, "node2.example")).toBe("nn");
    const firewalld = FIREWALLD("none", "echo public");
    expect(await openIn({ ...none, "firewall-cmd": firewalld }, "node2.example")).toBe("??");
  });

  test("firewalld's zone is that which has the peer's network", async () => {
    const zones = (network: string) =>
      FIREWALLD("none", "echo trusted").replace(
        "--state)",
        `--get-active-zones) printf 'public (default)\\n  interfaces: eth0\\nwork\\n  sources: fd00::/8 ${network}\\n' ;;\n--state)`,
      );
    const whereOf = async (network: string) =>
      (await look({ "firewall-cmd": zones(network) }))?.map(({ where, tcp }) => [where, tcp]);
    expect(await whereOf("10.0.0.0/24")).toEqual([["work", false]]);
    expect(await whereOf("10.1.0.0/24")).toEqual([["public", false]]);
    expect(await whereOf("ipset:peers")).toEqual([["", true]]);
  });
});
