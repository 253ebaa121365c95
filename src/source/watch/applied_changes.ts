import type { Applications } from "../../core/application/applications.ts";
import type { ApplicationSources } from "./application_sources.ts";
import type { Change } from "./tracked_application.ts";

type Changed = Pick<Applications, "remove" | "broken" | "update">;

/** Starts watching; resolves when the applications that are there already are loaded, or have failed to be. */
export async function applyAll(applications: Changed, sources: ApplicationSources): Promise<void> {
  const applied: Promise<void>[] = [];
  await sources.scan((change) => applied.push(apply(applications, change)));
  await Promise.all(applied);
}

/** Does with the applications what a change of their files says. */
export function apply(applications: Changed, change: Change): Promise<void> {
  if (change.kind === "removed") return applications.remove(change.application);
  if (change.kind === "broken") return applications.broken(change.application, change.error);
  return applications.update(change.build);
}
