import type { Application, ReloadPolicy } from "../application/application.ts";
import type { Applications } from "../application/applications.ts";
import type { RehearsalReport } from "../version/rehearsal_report.ts";
import type { ReloadResult } from "../version/reload.ts";
import { type Kept, mostKept, type Standing } from "../version/versions.ts";

/** Rooms and failures that a view shows of one version; the counts beside them are whole. */
const mostShown = 100;

/** What runs a version, and since when. */
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
  /** Since when it stands so, milliseconds since the epoch. */
  readonly since: number;
  /** Rooms that run it. */
  readonly roomCount: number;
  /** The extension and the first of the rooms that run it. */
  readonly running: readonly RunningView[];
  /** Why rooms did not come to it, or left it; the first ones. */
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

/** What rolling back by hand came to. */
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
  /** Undefined where no version of the application runs. */
  versions(application: string): VersionsView | undefined;
  setPolicy(application: string, policy: ReloadPolicy): void;
  /** Without a version: to the one that was live before. */
  rollBack(application: string, version?: string): Promise<RollbackView>;
  /** Without a version: the newest build. */
  rehearse(application: string, version?: string): Promise<RehearsalReport>;
}

/** Answers from the live objects, and acts on them. */
export class LiveVersionControl implements VersionControl {
  constructor(private readonly applications: Applications) {}

  versions(name: string): VersionsView | undefined {
    const entry = this.applications.entry(name);
    if (!entry?.application) return undefined;
    const { application, quarantined, rehearsal } = entry;
    return {
      application: name,
      policy: application.policyOf(),
      kept: mostKept,
      versions: [...application.versions.all()].reverse().map((kept) => versionView(application, kept)),
      quarantined: Array.from(quarantined, ([hash, version]) => ({ hash, version })),
      ...(rehearsal && { rehearsal }),
    };
  }

  setPolicy(name: string, policy: ReloadPolicy): void {
    this.applications.setPolicy(name, policy);
  }

  async rollBack(name: string, version?: string): Promise<RollbackView> {
    const { moved, failed, target } = await this.applications.goBack(name, version);
    return { application: name, version: target, moved, failures: failuresOf(failed) };
  }

  rehearse(name: string, version?: string): Promise<RehearsalReport> {
    return this.applications.rehearse(name, version);
  }
}

function versionView(application: Application, kept: Kept): VersionView {
  const { version, hash } = kept.version.build;
  const { extension } = application;
  const rooms = [...application.rooms.values()].filter((room) => room.extension.version === version);
  const running: RunningView[] = rooms
    .slice(0, mostShown)
    .map(({ name, extension: { standing, since } }) => ({ room: name, why: standing, since }));
  if (extension?.version === version)
    running.unshift({ room: null, why: extension.standing, since: extension.since });
  return {
    version,
    hash,
    live: kept === application.versions.live,
    why: kept.standing,
    since: kept.since,
    roomCount: rooms.length,
    running,
    failures: failuresOf(kept.failures),
  };
}

function failuresOf(failed: ReloadResult["failed"]) {
  return [...failed]
    .slice(0, mostShown)
    .map(([room, reason]) => ({ room: room === "" ? null : room, reason }));
}
