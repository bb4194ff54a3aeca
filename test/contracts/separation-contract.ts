import type { Host } from "../../provider/core/adapter-ports";
import type { NetworkSeparation } from "../../provider/core/network/network-port";
import { separationRules } from "../../provider/core/network/separation";

interface Subject {
  readonly host: () => Host;
  readonly separation: () => NetworkSeparation;
}

const rules = (...names: string[]) =>
  separationRules(
    "pears",
    "10.41.0.0/27",
    names.map((name, i) => ({ address: `10.41.0.${i + 2}`, reach: { networks: [name] } })),
  );

/** What every host does with the rules of a deployment, real or fake. */
export function separationContract(who: string, { host, separation }: Subject): void {
  describe(`separation, ${who}`, () => {
    const fault = (id: string, wanted: string) => separation().fault(host(), id, wanted);

    it("is there once it was put, and until it is removed", async () => {
      const [one, other] = [rules("a", "b"), rules("a", "b", "a")];
      expect(await fault("00c0ffee", one)).toBeDefined();
      for (const wanted of [one, one, other]) {
        await separation().put(host(), "00c0ffee", wanted);
        expect(await fault("00c0ffee", wanted)).toBeUndefined();
      }
      expect(await fault("00c0ffee", one)).toBeDefined();
      await separation().remove(host(), "00c0ffee");
      expect(await fault("00c0ffee", other)).toBeDefined();
      await separation().remove(host(), "00c0ffee");
    });

    it("is each deployment's own", async () => {
      await separation().put(host(), "00c0ffee", rules("a", "b"));
      await separation().put(host(), "0badf00d", rules("c", "d"));
      await separation().remove(host(), "00c0ffee");
      expect(await fault("0badf00d", rules("c", "d"))).toBeUndefined();
      await separation().remove(host(), "0badf00d");
    });
  });
}
