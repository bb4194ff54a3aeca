import type { HostPorts } from "../../core/ports/ports-port";
import type { FakeWorld } from "./fake-world";

const place = (id: string) => `/ports/${id}`;

/** What each host is to have, in files of the fake hosts; nothing listens. */
export function fakePorts(world: FakeWorld): HostPorts {
  return {
    async put({ shell }, id, wanted) {
      await shell.writeFile(place(id), JSON.stringify(wanted), { root: true });
    },
    async fault({ shell }, id, wanted) {
      const there = await shell.readFile(place(id), { root: true });
      if (there === JSON.stringify(wanted)) return undefined;
      return there === undefined ? "no proxy, or another one" : "other settings";
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
