import type { NetworkSeparation } from "../../core/network/network-port";
import type { FakeWorld } from "./fake-world";

const place = (id: string) => `/separation/${id}`;

/** Rules in files of the fake hosts, which nobody keeps. */
export function fakeSeparation(world: FakeWorld): NetworkSeparation {
  return {
    async put({ shell }, id, rules) {
      await shell.writeFile(place(id), rules, { root: true });
    },
    async fault({ shell }, id, rules) {
      const there = await shell.readFile(place(id), { root: true });
      return there === rules ? undefined : there === undefined ? "no rules" : "other rules";
    },
    remove({ name }, id) {
      world.change(({ hosts }) => {
        const { files } = hosts[name] ?? { files: {} };
        Reflect.deleteProperty(files, place(id));
      });
      return Promise.resolve();
    },
  };
}
