import type { ReloadPolicy } from "../version/policy_override.ts";
import type { HandlerView } from "../trace/handler_times.ts";
import type { RehearsalReport } from "../version/rehearsal_report.ts";
import type { Standing } from "../version/versions.ts";

/** A room, or the extension, that runs a version. */
export interface RunningView {
  /** Name of the room; null for the application's extension. */
  readonly room: string | null;
  readonly why: Standing;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** One version of an application. */
export interface VersionView {
  readonly version: string;
  readonly hash: string;
  /** Whether new rooms get it. */
  readonly live: boolean;
  readonly why: Standing;
  /** Since when that is so, milliseconds since the epoch. */
  readonly since: number;
  /** Rooms that run it. */
  readonly roomCount: number;
  /** The extension and the first of the rooms that run it. */
  readonly running: readonly RunningView[];
  /** Why rooms did not move to it, or left it; the first ones. */
  readonly failures: readonly { readonly room: string | null; readonly reason: string }[];
}

/** The versions of an application: the last ones that were live, and older ones that rooms still run. */
export interface VersionsView {
  readonly application: string;
  readonly policy: ReloadPolicy;
  /** How many versions are kept though nothing runs them. */
  readonly kept: number;
  /** Newest first. */
  readonly versions: readonly VersionView[];
  /** Contents that are not loaded again. */
  readonly quarantined: readonly { readonly hash: string; readonly version: string }[];
  /** The last rehearsal, where there was one. */
  readonly rehearsal?: RehearsalReport;
}

/** The result of a rollback by hand. */
export interface RollbackView {
  readonly application: string;
  readonly version: string;
  readonly moved: number;
  /** Rooms that kept their version; the first ones. */
  readonly failures: readonly { readonly room: string | null; readonly reason: string }[];
}

/**
 * The port of the API for versions. All but `versions` throw (or reject with) HotroomError: `application_unavailable`,
 * `version_not_found`, and for `rehearse` BuildError.
 */
export interface VersionControl {
  /** Returns what the handlers of the live version have used, then those of the one before it; undefined where no version runs. */
  handlers(application: string): HandlerView[] | undefined;
  /** Undefined where no version of the application runs. */
  versions(application: string): VersionsView | undefined;
  setPolicy(application: string, policy: ReloadPolicy): void;
  /** Without a version: to the one that was live before. */
  rollBack(application: string, version?: string): Promise<RollbackView>;
  /** Without a version: the newest build. */
  rehearse(application: string, version?: string): Promise<RehearsalReport>;
}
