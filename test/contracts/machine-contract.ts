import { isSameNow } from "../../provider/core/machine";
import type { Host } from "../../provider/core/adapter-ports";

/**
 * Which machine a host is, real or fake. `again` opens the same machine, under the name that is
 * given.
 */
export function machineContract(name: string, open: (name: string) => Promise<Host>): void {
  describe(`machine: ${name}`, () => {
    test("it has an id or a Docker with one, and was booted", async () => {
      const machine = await (await open("one")).machine();
      expect(machine.id + machine.docker).not.toBe("");
      expect(machine.boot).toMatch(/^[0-9a-f-]{32,36}$/);
      expect(machine.docker).toBe((await (await open("one")).docker.info()).id);
    });

    test("two names for it are the same right now", async () => {
      const [one, other] = await Promise.all([open("one"), open("other")]);
      expect(one.name).not.toBe(other.name);
      expect(isSameNow(await one.machine(), await other.machine())).toBe(true);
    });
  });
}
