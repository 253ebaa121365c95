import type { Application } from "../application/application.ts";
import type { Scripts } from "../ports/scripts.ts";

/** Lets script hosts forget the versions of an application that nothing runs, and forgets the oldest ones. */
export function unloadUnused(application: Application, scripts: Pick<Scripts, "unload">): void {
  const { versions, version, extension, rooms } = application;
  if (versions.all().length === 1) return;
  const used = new Set([version.build.version]);
  if (extension) used.add(extension.version);
  for (const room of rooms.values()) used.add(room.extension.version);
  const idle = versions.all().filter((each) => !used.has(each.version.build.version));
  versions.prune(used);
  for (const each of idle) scripts.unload(each.version);
}
