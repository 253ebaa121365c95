import type { Application } from "../application/application.ts";
import type { Clock } from "../ports/clock.ts";
import type { Scripts } from "../ports/scripts.ts";

/** The versions of an application that nothing runs. */
export class UnusedVersions {
  #isDue = false;

  constructor(
    private readonly application: Application,
    private readonly scripts: Pick<Scripts, "unload">,
    private readonly clock: Clock,
  ) {}

  /** Lets script hosts forget them, and forgets the oldest ones. */
  unload(): void {
    const { versions, version, extension, rooms } = this.application;
    if (versions.all().length === 1) return;
    const used = new Set([version.build.version]);
    if (extension) used.add(extension.version);
    for (const room of rooms.values()) used.add(room.extension.version);
    const idle = versions.all().filter((each) => !used.has(each.version.build.version));
    versions.prune(used);
    for (const each of idle) this.scripts.unload(each.version);
  }

  /** Looks for them once for all rooms that close in this turn of the loop. */
  unloadSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.clock.after(0, () => {
      this.#isDue = false;
      if (this.application.state === "running") this.application.unloadUnused();
    });
  }
}
