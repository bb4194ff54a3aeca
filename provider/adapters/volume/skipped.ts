import { counted } from "../../core/move/format";
import type { CopyPath, CopyRoute } from "../../core/move/move-ports";

/** Devices are not copied, whichever way a copy goes: each is told once. */
export class Skipped {
  private readonly reported = new Set<string>();

  constructor(private readonly route: Pick<CopyRoute, "progress" | "label">) {}

  tell({ name }: CopyPath, devices: readonly string[]): void {
    const news = devices.filter((device) => !this.reported.has(`${name}/${device}`));
    for (const device of news) this.reported.add(`${name}/${device}`);
    if (news.length === 0) return;
    this.route.progress.warn(
      `${this.route.label}: ${counted(news.length, "device")} in volume '${name}' not copied: ${news.slice(0, 3).join(", ")}`,
    );
  }
}
