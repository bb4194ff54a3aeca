import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pause, type MeshLab } from "./mesh-lab";

/** Commands that change something; the others pass. */
const CHANGING =
  "launch|connect|forget|reset|rmpeer|prime|consense|stop|expose|hide|dns-add|dns-remove|setup";
const FOLDER = "/var/tmp/weave-gate";
const REAL = "/usr/local/libexec/weave";

/** Stands where the weave command was. Unarmed, it is that command. */
const wrapper = (version: string) => `#!/bin/sh
SCRIPT_VERSION="${version}"
dir=${FOLDER}
[ -e "$dir/armed" ] || exec ${REAL} "$@"
case $1 in ${CHANGING}) ;; *) exec ${REAL} "$@" ;; esac
pass() {
  at="$dir/at.$$.$1"
  echo "$*" >"$dir/new.$$" && mv "$dir/new.$$" "$at"
  while [ -e "$at" ]; do sleep 0.05; done
  [ ! -e "$dir/cut" ]
}
pass before "$@" || exit 1
${REAL} "$@"
code=$?
pass after "$@" || exit 1
exit $code
`;

/** A weave command on a host that is about to run, or has run and not yet said so to its caller. */
export interface Passage {
  readonly host: string;
  readonly place: "before" | "after";
  /** "connect 10.0.0.2" */
  readonly command: string;
}

export type Decision = "pass" | "hold" | "cut";
export type Decide = (
  passage: Passage,
  waiting: readonly Passage[],
) => Decision | Promise<Decision>;

/**
 * Stops the world at any command that a run gives to Weave on any host, so that the run can be
 * ended just there.
 */
export class CommandStops {
  constructor(private readonly mesh: MeshLab) {}

  /**
   * On all hosts; again after a host was started, which gets the plain command then. Before
   * snapshots are taken.
   */
  async install(): Promise<void> {
    await Promise.all(
      this.mesh.names.map(async (name) => {
        const found = readFileSync(this.mesh.onDisk(name, "/usr/local/bin/weave"), "utf8");
        if (found.includes(FOLDER)) return;
        const version = /^SCRIPT_VERSION="?([^"\n]*)"?$/m.exec(found)?.[1];
        const script =
          `mkdir -p ${FOLDER} /usr/local/libexec && cp -p /usr/local/bin/weave ${REAL} && ` +
          "cat >/usr/local/bin/weave.new && chmod 755 /usr/local/bin/weave.new && mv /usr/local/bin/weave.new /usr/local/bin/weave";
        await this.mesh.runWithInput(name, script, wrapper(version ?? "unknown"));
      }),
    );
  }

  #path(host: string, file: string): string {
    return join(this.mesh.onDisk(host, FOLDER), file);
  }

  /**
   * Lets commands pass until `ended`, telling of each one that waits, with all that wait at that
   * moment. One that is to be held is told of again and again. When `decide` says "cut", all that
   * are on their way end there, and so does this.
   */
  async whileRunning(ended: Promise<unknown>, decide: Decide): Promise<Passage[]> {
    const { names } = this.mesh;
    const reported = new Map<string, Passage>();
    const run = { over: false };
    const end = () => {
      run.over = true;
    };
    void ended.then(end, end);
    for (const name of names) {
      mkdirSync(this.#path(name, ""), { recursive: true });
      rmSync(this.#path(name, "cut"), { force: true });
      writeFileSync(this.#path(name, "armed"), "");
    }
    try {
      while (!run.over) {
        const waiting = names.flatMap((host) => this.#waitingOn(host));
        const passages = waiting.map(({ passage }) => passage);
        for (const { file, passage } of waiting) {
          reported.set(file, passage);
          const decision = await decide(passage, passages);
          if (decision === "cut") return [...reported.values()];
          if (decision === "pass") rmSync(file, { force: true });
        }
        await pause(25);
      }
      return [...reported.values()];
    } finally {
      await this.#open();
    }
  }

  #waitingOn(host: string): { file: string; passage: Passage }[] {
    return readdirSync(this.#path(host, ""))
      .filter((file) => file.startsWith("at."))
      .sort()
      .map((name) => {
        const file = this.#path(host, name);
        const [place = "", ...words] = readFileSync(file, "utf8").trim().split(" ");
        return {
          file,
          passage: { host, place: place as Passage["place"], command: words.join(" ") },
        };
      });
  }

  /** Whoever waits here ends, if the run was cut, or goes on. */
  async #open(): Promise<void> {
    for (const name of this.mesh.names) {
      writeFileSync(this.#path(name, "cut"), "");
      rmSync(this.#path(name, "armed"), { force: true });
      for (const file of readdirSync(this.#path(name, ""))) {
        if (file.startsWith("at.")) rmSync(this.#path(name, file), { force: true });
      }
    }
    // Time for those that wait to see it: they look every 50 ms.
    await pause(500);
    for (const name of this.mesh.names) {
      for (const file of readdirSync(this.#path(name, ""))) rmSync(this.#path(name, file));
    }
  }
}
