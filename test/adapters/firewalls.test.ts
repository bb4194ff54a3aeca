import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firewallsOf } from "../../provider/adapters/host/firewalls";
import type { Host } from "../../provider/core/ports";
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
const NFT = (rules: string) => `case "$*" in
  "list chains") printf 'table inet filter {\\n\\tchain input {\\n\\t\\ttype filter hook input priority filter; policy drop;\\n\\t}\\n\\tchain forward {\\n\\t\\ttype filter hook forward priority filter; policy drop;\\n\\t}\\n}\\ntable ip filter {\\n\\tchain FORWARD {\\n\\t\\ttype filter hook forward priority filter; policy drop;\\n\\t}\\n}\\n' ;;
  *) printf '${rules}\\n' ;;
esac`;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ferry-firewalls-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const shells = shellsHere.filter((shell) => !/fish|tcsh|zsh/.test(shell));

describe.each(shells)("by %s", (shell) => {
  function look(programs: Record<string, string>) {
    const none = { "firewall-cmd": "exit 252", ufw: "exit 1", iptables: "exit 1", nft: "exit 1" };
    for (const [name, text] of Object.entries({ ...none, ...programs })) {
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
    return firewallsOf({ shell: { script } } as unknown as Host, "127.0.0.1");
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
      { nft: NFT("tcp dport { 22, 6783 } accept") },
      [is("nft", "yny", "inet filter input"), is("nft", "yyn", "inet filter forward")],
    ],
  ])("%s", async (_what, programs, found) => {
    expect(await look(programs as Record<string, string>)).toEqual(found);
  });
});
