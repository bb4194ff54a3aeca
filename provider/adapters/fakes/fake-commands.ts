import type { CommandResult } from "../../core/adapter-ports";
import type { ContainerCommand } from "../../core/container-spec";
import type { FakeContainer, FakeHost } from "./fake-state";

export interface FakeCall {
  /** The host itself, to be read and changed. */
  readonly host: FakeHost;
  /** When the command runs in a container, by `exec` or as its program. */
  readonly container?: FakeContainer;
  readonly argv: readonly string[];
  readonly stdin: Buffer;
  readonly root: boolean;
  /** How it is run in a container. */
  readonly as?: Omit<ContainerCommand, "argv">;
}

/** A program. What it leaves out is "" or 0. */
export type FakeHandler = (call: FakeCall) => Partial<CommandResult>;

/** The few programs that every fake host has. */
export function builtInCommands(): [string, FakeHandler][] {
  return [
    ["true", () => ({})],
    ["false", () => ({ exitCode: 1 })],
    ["echo", ({ argv }) => ({ stdout: `${argv.slice(1).join(" ")}\n` })],
    ["cat", ({ stdin }) => ({ stdout: stdin.toString() })],
    ["id", ({ root }) => ({ stdout: `${root ? 0 : 1000}\n` })],
  ];
}

/** What a host's machine says of itself (adapters/host/machine-facts.ts): that all is there. */
export const fakeMachineFacts: FakeHandler = () => ({
  stdout: [
    `time=${Math.floor(Date.now() / 1000)}`,
    "docker=yes",
    "iptables=nft",
    "ebtables=yes",
    "systemd=yes",
    "lesser=",
  ]
    .map((fact) => `ferry-fact ${fact}\n`)
    .join(""),
});

/**
 * Runs the program that the world has under the name, or says what a shell says when there is none.
 */
export function runFake(commands: ReadonlyMap<string, FakeHandler>, call: FakeCall): CommandResult {
  const name = call.argv[0] ?? "";
  const handler = commands.get(name);
  const result = handler?.(call) ?? { exitCode: 127, stderr: `sh: 1: ${name}: not found\n` };
  return { exitCode: 0, stdout: "", stderr: "", ...result };
}
