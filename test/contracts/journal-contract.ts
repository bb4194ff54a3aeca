import { LABELS } from "../../provider/core/identity";
import { journalPath, recordPath, type JournalEntry } from "../../provider/core/move/journal";
import type { Quarantine, Journals } from "../../provider/core/move/journals";
import type { Host } from "../../provider/core/adapter-ports";

export interface JournalFixture {
  readonly host: () => Host;
  readonly journals: () => Journals;
  readonly quarantined: () => Quarantine;
  /** A replica that nobody else has. */
  readonly replica: string;
  /** Puts a file into a Docker volume of the host. */
  put(volume: string, file: string): Promise<void>;
  /** Names of the files in a Docker volume of the host. */
  list(volume: string): Promise<string[]>;
}

/** What every Journals and Aside does, the fakes and the real ones. */
export function journalContract(name: string, fixture: JournalFixture): void {
  const { replica } = fixture;
  const entry: JournalEntry = {
    version: 2,
    replica,
    role: "source",
    step: "stopped",
    epoch: 3,
    volumes: ["it's a $(volume)"],
    other: 'node"2"',
    move: "m",
  };

  describe(`Journals: ${name}`, () => {
    const journals = () => fixture.journals();

    afterAll(() => journals().remove(fixture.host(), replica));

    test("nothing is known of a replica that never moved", async () => {
      expect(await journals().read(fixture.host(), replica)).toBeUndefined();
      await journals().remove(fixture.host(), replica);
    });

    test("an entry comes back as it was written, and takes the place of the one before", async () => {
      const host = fixture.host();
      await journals().write(host, { ...entry, step: "fenced" });
      await journals().write(host, entry);
      expect(await journals().read(host, replica)).toEqual(entry);
    });

    test("it is among those of all replicas, as it is read", async () => {
      const host = fixture.host();
      await journals().write(host, entry);
      const all = await journals().all(host);
      expect(all.filter((each) => each.replica === replica)).toEqual([entry]);
    });

    test("taking back writes, unless a commit came first", async () => {
      const host = fixture.host();
      const home: JournalEntry = { version: 2, replica, role: "home", epoch: 3, volumes: [] };
      expect(await journals().writeUnlessCommitted(host, home)).toBe(true);
      expect(await journals().read(host, replica)).toEqual(home);
      await journals().write(host, { ...entry, step: "committed" });
      expect(await journals().writeUnlessCommitted(host, home)).toBe(false);
      expect(await journals().read(host, replica)).toEqual({ ...entry, step: "committed" });
    });

    test("of two that take back and commit at the same moment, one goes through", async () => {
      const host = fixture.host();
      const home: JournalEntry = { version: 2, replica, role: "home", epoch: 3, volumes: [] };
      await journals().write(host, entry);
      const [went] = await Promise.all([
        journals().writeUnlessCommitted(host, home),
        journals().write(host, { ...entry, step: "committed" }),
      ]);
      const found = await journals().read(host, replica);
      expect(found).toEqual(
        found?.role === "home" ? (expect(went).toBe(true), home) : { ...entry, step: "committed" },
      );
    });

    test("what version 1 wrote is understood, and goes with the first write", async () => {
      const host = fixture.host();
      await journals().remove(host, replica);
      const before = { version: 1, replica, role: "retired", epoch: 2, volumes: ["v"] };
      await host.shell.writeFile(recordPath(replica), JSON.stringify(before), { root: true });
      expect(await journals().read(host, replica)).toEqual({ ...before, version: 2 });
      await journals().write(host, entry);
      expect(await host.shell.readFile(recordPath(replica), { root: true })).toBeUndefined();
      expect(await journals().read(host, replica)).toEqual(entry);
    });

    test("what nobody of ours wrote is an error that names the file", async () => {
      const host = fixture.host();
      await host.shell.writeFile(journalPath(replica), "{", { root: true });
      await expect(journals().read(host, replica)).rejects.toThrow(journalPath(replica));
      await journals().remove(host, replica);
      expect(await journals().read(host, replica)).toBeUndefined();
    });
  });

  describe(`Aside: ${name}`, () => {
    const [ours, foreign] = ["ferry-aside-ours", "ferry-aside-foreign"];
    const make = (volume: string, labels: Record<string, string>) =>
      fixture.host().docker.createVolume({ name: volume, driver: "local", options: {}, labels });
    const quarantined = `${ours}-aside-7`;

    afterAll(async () => {
      for (const volume of [ours, foreign, quarantined, `${quarantined}-2`])
        await fixture.host().docker.removeVolume(volume);
    });

    test("all that is in a volume goes to another, which nobody takes for data", async () => {
      const host = fixture.host();
      await make(ours, { [LABELS.volume]: "p/s/d/v", "users.own": "yes" });
      for (const file of ["plain", ".hidden"]) await fixture.put(ours, file);
      await fixture.quarantined().keep(host, ours, 7);
      expect(await host.docker.volume(ours)).toBeUndefined();
      expect((await fixture.list(quarantined)).sort()).toEqual([".hidden", "plain"]);
      expect((await host.docker.volume(quarantined))?.labels).toEqual({
        [LABELS.quarantined]: "p/s/d/v",
        "users.own": "yes",
      });
      expect(await host.docker.volumes({ [LABELS.volume]: "p/s/d/v" })).toEqual([]);
    });

    test("a later one of its name and epoch goes to one of its own, and nothing is nothing", async () => {
      const host = fixture.host();
      await make(ours, { [LABELS.volume]: "p/s/d/v" });
      await fixture.put(ours, "plain");
      await fixture.quarantined().keep(host, ours, 7);
      await fixture.quarantined().keep(host, ours, 7);
      expect((await fixture.list(quarantined)).sort()).toEqual([".hidden", "plain"]);
      expect(await fixture.list(`${quarantined}-2`)).toEqual(["plain"]);
    });

    test("somebody else's volume is left alone", async () => {
      const host = fixture.host();
      await make(foreign, {});
      await fixture.put(foreign, "theirs");
      await fixture.quarantined().keep(host, foreign, 7);
      expect(await fixture.list(foreign)).toEqual(["theirs"]);
    });
  });
}
