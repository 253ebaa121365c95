import type { Application } from "../application/application.ts";
import type { ReloadPolicy } from "../version/policy_override.ts";
import type { Applications } from "../application/applications.ts";
import type { HandlerView } from "../trace/handler_times.ts";
import type { RehearsalReport } from "../version/rehearsal_report.ts";
import type { ReloadResult } from "../version/reload.ts";
import { type KeptVersion, MAX_KEPT_VERSIONS } from "../version/versions.ts";
import type {
  RollbackView,
  RunningView,
  VersionControl,
  VersionsView,
  VersionView,
} from "./version_control.ts";

/** Rooms and failures that a view shows of one version; the counts beside them are whole. */
const MAX_SHOWN_ROOMS = 100;

/** Answers from the live objects, and acts on them. */
export class LiveVersionControl implements VersionControl {
  constructor(private readonly applications: Applications) {}

  versions(name: string): VersionsView | undefined {
    const entry = this.applications.entry(name);
    if (!entry?.application) return undefined;
    const { application, quarantined, rehearsal } = entry;
    return {
      application: name,
      policy: application.versions.policyOf(),
      kept: MAX_KEPT_VERSIONS,
      versions: [...application.versions.all()].reverse().map((kept) => versionView(application, kept)),
      quarantined: Array.from(quarantined, ([hash, version]) => ({ hash, version })),
      ...(rehearsal && { rehearsal }),
    };
  }

  handlers(name: string): HandlerView[] | undefined {
    const versions = this.applications.find(name)?.versions;
    if (!versions) return undefined;
    const { live } = versions;
    const before = live.earlier && versions.named(live.earlier.build.version);
    return [live, ...(before ? [before] : [])].flatMap(({ handlers }) => handlers.view());
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

function versionView(application: Application, kept: KeptVersion): VersionView {
  const { version, hash } = kept.version.build;
  const { extension } = application;
  const rooms = [...application.rooms.values()].filter((room) => room.extension.version === version);
  const running: RunningView[] = rooms
    .slice(0, MAX_SHOWN_ROOMS)
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
    failures: failuresOf(new Map([...kept.failures, ...kept.stuck])),
  };
}

function failuresOf(failed: ReloadResult["failed"]) {
  return [...failed]
    .slice(0, MAX_SHOWN_ROOMS)
    .map(([room, reason]) => ({ room: room === "" ? null : room, reason }));
}
