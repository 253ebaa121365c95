import { type BuildError, HotroomError } from "../errors.ts";
import type { Build } from "../ports/build.ts";
import type { RehearsalReport } from "../version/rehearsal_report.ts";
import type { KeptVersion } from "../version/versions.ts";
import type { Application } from "./application.ts";

/** Quarantined contents that are remembered of one application. */
const MAX_QUARANTINED = 100;

/** All that is known of one application by name, whether or not a version of it runs. */
export interface Entry {
  readonly name: string;
  application?: Application;
  /** What is wrong with the newest edit. */
  error?: BuildError;
  /** The newest build, live or not. */
  newest?: Build;
  /** What the last rehearsal found. */
  rehearsal?: RehearsalReport;
  /** Content hashes that are not loaded again, with the names that they had. */
  readonly quarantined: Map<string, string>;
}

/** Has a content not loaded again, whose version was rolled back; of many the oldest is forgotten. */
export function quarantine(entry: Entry, { hash, version }: Build): void {
  entry.quarantined.set(hash, version);
  const [oldest] = entry.quarantined.keys();
  if (entry.quarantined.size > MAX_QUARANTINED && oldest !== undefined) entry.quarantined.delete(oldest);
  entry.application?.keeping.note();
}

/**
 * Returns true if a build has the content of the version that runs, which then goes on: somebody has taken an edit back, which `unchanged`
 * hears of.
 */
export function isRunning(entry: Entry, build: Build, unchanged: (running: Build) => void): boolean {
  const running = entry.application?.version.build;
  if (build.hash !== running?.hash) return false;
  // As at a start, where nobody has edited anything.
  const isEdit = entry.newest?.hash !== running.hash || entry.error !== undefined;
  entry.newest = running;
  entry.error = undefined;
  entry.quarantined.delete(running.hash);
  entry.application?.keeping.note();
  if (isEdit) unchanged(running);
  return true;
}

/** Returns the version to go back to, without a wish the one that was live before. Throws HotroomError: `version_not_found`. */
export function targetOf({ name, versions }: Application, wanted: string | undefined): KeptVersion {
  if (wanted !== undefined) return versions.find(wanted);
  const { earlier } = versions.live;
  const before = earlier && versions.named(earlier.build.version);
  if (before) return before;
  throw new HotroomError("version_not_found", `Cannot roll back "${name}": no version before is kept.`);
}
