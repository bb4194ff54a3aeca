import { readdirSync, readFileSync } from "fs";
import { homedir, userInfo } from "os";
import { basename, dirname, join } from "path";
import type { Connection } from "../../core/connection";
import { plainAddress } from "../../core/host-address";
import { connectFailure } from "./failures";
import { knownAs, linesAbout } from "./known-hosts";
import { isTrouble, readPrivateKey } from "./private-key";
import { matchesHost, settingsOf, type SshSettings } from "./ssh-config";

const SYSTEM_CONFIG = "/etc/ssh/ssh_config";
const KNOWN_HOSTS = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
const SYSTEM_KNOWN_HOSTS = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
const DEFAULT_KEYS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];
const MOST_JUMPS = 8;

/**
 * A connection with what OpenSSH's settings on this machine say of it; the connection's own fields
 * count for more. Files are read at use, so that nothing of them is in state.
 */
export function withSshConfig(name: string, settings: Connection, jumps = 0): Connection {
  const { sshConfig = false } = settings;
  if (sshConfig === false) return settings;
  const path = typeof sshConfig === "string" ? home(sshConfig) : home("~/.ssh/config");
  const refuse = (reason: string, advice: string) =>
    connectFailure({ name, settings }, { kind: "settings", reason, advice, touched: "unsent" });
  const text = textOf(path);
  if (text === undefined && typeof sshConfig === "string") {
    throw refuse(`its \`sshConfig\` (${sshConfig}) cannot be read`, "Check the path");
  }
  const texts = [text ?? "", ...(sshConfig === true ? [textOf(SYSTEM_CONFIG) ?? ""] : [])];
  const said = settingsOf(texts, settings.host, settings.user, included);
  const one = (keyword: string) => said.get(keyword)?.[0];
  const host = (one("hostname") ?? settings.host).replaceAll("%h", settings.host);
  const port = settings.port ?? Number(one("port") ?? 22);
  const user = settings.user ?? one("user") ?? userInfo().username;
  const expand = (word: string) =>
    expanded(word, { h: host, n: settings.host, p: String(port), r: user });
  const found: Connection = { ...settings, host, port, user };

  return {
    ...found,
    ...credentials(found, said, expand, refuse),
    ...hostKey(found, said, expand),
    ...proxy(),
  };

  function proxy(): Pick<Connection, "proxy"> {
    if (settings.proxy) return {};
    const way = one("proxyjump");
    if (way === undefined || way === "none") {
      const command = one("proxycommand");
      if (way === undefined && command !== undefined && command !== "none") {
        throw refuse(
          "its way there is a ProxyCommand, which Ferry does not run",
          "Write ProxyJump, or `proxy`",
        );
      }
      return {};
    }
    if (jumps >= MOST_JUMPS) throw refuse("its ProxyJump leads in a circle", "Check ProxyJump");
    // The first one is dialled from here; each is the jump host of the next.
    return way.split(",").reduce<{ proxy?: Connection }>((before, word) => {
      const hop = plainAddress({ ...before, host: word, sshConfig });
      if (typeof hop === "string")
        throw refuse(`its ProxyJump (${word}) ${hop}`, "Check ProxyJump");
      return { proxy: withSshConfig(`jump host of ${name}`, hop, jumps + 1) };
    }, {});
  }
}

type Refuse = (reason: string, advice: string) => Error;

function credentials(
  settings: Connection,
  said: SshSettings,
  expand: (word: string) => string,
  refuse: Refuse,
): Pick<Connection, "privateKey" | "agentSocketPath" | "agentKey"> {
  const { privateKey, password, agentSocketPath, agentKey, privateKeyPassword } = settings;
  if (privateKey !== undefined || password !== undefined || agentSocketPath !== undefined)
    return {};
  const wanted = said.get("identityagent")?.[0] ?? "SSH_AUTH_SOCK";
  const agent =
    wanted === "SSH_AUTH_SOCK"
      ? process.env["SSH_AUTH_SOCK"]
      : wanted === "none"
        ? ""
        : expand(wanted);
  const named = said.get("identityfile")?.filter((file) => file !== "none");
  let why: string | undefined;
  let key: string | undefined;
  for (const file of named ?? DEFAULT_KEYS) {
    const text = textOf(expand(file));
    if (text === undefined) {
      why ??= named ? `its IdentityFile ${file} cannot be read` : undefined;
      continue;
    }
    const read = readPrivateKey(text, privateKeyPassword);
    if (!isTrouble(read)) {
      key = text;
      break;
    }
    why ??= `its IdentityFile ${file} ${read.reason}`;
  }
  const byAgent = agent !== undefined && agent !== "";
  if (key === undefined && !byAgent && why !== undefined) {
    throw refuse(why, "Let an agent hold the key, or give `privateKeyPassword`");
  }
  const only = /^yes$/i.test(said.get("identitiesonly")?.[0] ?? "");
  const half = only && named?.[0] !== undefined ? textOf(`${expand(named[0])}.pub`) : undefined;
  return {
    ...(key !== undefined && { privateKey: key }),
    ...(byAgent && (!only || half !== undefined) && { agentSocketPath: agent }),
    ...(agentKey === undefined && half !== undefined && { agentKey: half }),
  };
}

function hostKey(
  settings: Connection,
  said: SshSettings,
  expand: (word: string) => string,
): Pick<Connection, "hostKey"> {
  if (settings.hostKey !== undefined) return {};
  const files = [
    ...(said.get("userknownhostsfile") ?? KNOWN_HOSTS),
    ...(said.get("globalknownhostsfile") ?? SYSTEM_KNOWN_HOSTS),
  ];
  const name =
    said.get("hostkeyalias")?.[0] ?? knownAs(settings.host.toLowerCase(), settings.port ?? 22);
  const lines = files.flatMap((file) => linesAbout(textOf(expand(file)) ?? "", name));
  // An authority's line is about certificates, which Ferry does not know.
  const own = lines.filter((line) => !line.startsWith("@cert-authority"));
  const pinned = own.some((line) => !line.startsWith("@"));
  return pinned ? { hostKey: own.join("\n") } : {};
}

/** A relative one is beside the user's own settings, as `ssh` has it. */
function included(pattern: string): string[] {
  const path = home(pattern);
  const absolute = path.startsWith("/") ? path : join(home("~/.ssh"), path);
  try {
    return readdirSync(dirname(absolute))
      .filter((name) => matchesHost([basename(absolute)], name))
      .sort()
      .flatMap((name) => textOf(join(dirname(absolute), name)) ?? []);
  } catch {
    return [];
  }
}

function expanded(word: string, tokens: Readonly<Record<string, string>>): string {
  const all: Readonly<Record<string, string>> = {
    ...tokens,
    d: homedir(),
    u: userInfo().username,
    "%": "%",
  };
  return home(word)
    .replace(/%(.)/g, (as: string, letter: string) => all[letter] ?? as)
    .replace(/\$\{(\w+)\}/g, (_, variable: string) => process.env[variable] ?? "");
}

function home(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
