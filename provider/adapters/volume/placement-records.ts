import type { PlacementRecords } from "../../core/move/port";
import { formatRecord, parseRecord, recordDirectory, recordPath } from "../../core/move/record";
import { FerryError } from "../../core/errors";

/** Folders that others use as well go only when they are empty. */
const REMOVE = `
rm -rf "$1"
rmdir /var/lib/ferry/replicas /var/lib/ferry 2>/dev/null
exit 0
`;

/** One small file per replica and host, written atomically and synced by the shell port. */
export const hostPlacementRecords: PlacementRecords = {
  async read(host, replica) {
    const text = await host.shell.readFile(recordPath(replica), { root: true });
    if (text === undefined) return undefined;
    const record = parseRecord(text);
    if (record?.replica === replica) return record;
    throw new FerryError(
      `reading what host '${host.name}' knows of replica '${replica}' failed: ${recordPath(replica)} is not what ` +
        "this version of Ferry writes. Look at it, and remove it when nothing speaks against it.",
    );
  },
  async write(host, record) {
    await host.shell.writeFile(recordPath(record.replica), formatRecord(record), {
      mode: 0o600,
      root: true,
    });
  },
  async remove(host, replica) {
    await host.shell.script(REMOVE, [recordDirectory(replica)], { root: true });
  },
};
