import type { Settings } from "../application/settings.ts";
import { BuildError, HotroomError } from "../errors.ts";
import type { Version } from "../ports/build.ts";
import { HandlerTimes } from "../trace/handler_times.ts";
import { PolicyOverride, type ReloadPolicy } from "./policy_override.ts";

/** Versions that an application keeps so that it can go back to them, the live one among them. */
export const MAX_KEPT_VERSIONS = 5;
/** How many rooms a version must fail in for the whole application to leave it, or which share of those that moved to it. */
const ROLLBACK_ROOMS = 3;
const ROLLBACK_SHARE = 0.1;

/** Rooms whose failures an error quotes. */
const SHOWN_FAILURES = 5;

/** Why a version, or what runs it, is in the state that it is in; docs/OPERATIONS.md says what each means. */
export type Standing = "new" | "swapped" | "pinned" | "rolled_back" | "by_hand" | "quarantined";

/** A version that is or was live. */
export interface KeptVersion {
  readonly version: Version;
  /** The version that was live before it; absent for an application's first. */
  earlier?: Version;
  standing: Standing;
  /** Since when it has that standing, ms since the epoch. */
  since: number;
  /** Rooms that were to move to it. */
  moving: number;
  /** Whether they are on their way, or were when the server ended. */
  isMoving: boolean;
  /** Why rooms left it or did not come to it, by name; the application's extension is "". */
  readonly failures: Map<string, string>;
  /** Why rooms could not leave the version that they were in, by name: that does not count against this one. */
  readonly stuck: Map<string, string>;
  /** Whether failures of first events count against it still. */
  onProbation: boolean;
  /** What its handlers have used. */
  readonly handlers: HandlerTimes;
}

/** Returns true if the application must leave a version: its extension failed in it, or too many rooms did. */
export function hasFailed({ failures, moving }: KeptVersion): boolean {
  if (failures.size === 0) return false;
  return failures.has("") || failures.size >= ROLLBACK_ROOMS || failures.size >= moving * ROLLBACK_SHARE;
}

/** The versions of one application, in the order in which they first went live. */
export class Versions {
  readonly #kept: KeptVersion[] = [];
  #live: KeptVersion;
  #settings: Settings;
  readonly #policy = new PolicyOverride();

  constructor(first: Version, now: number) {
    this.#live = this.#add(first, "new", now);
    this.#settings = first.build.settings;
  }

  /** Those of the live version: every frame that is kept asks. */
  get settings(): Settings {
    return this.#settings;
  }

  /** The version that new rooms get. */
  get live(): KeptVersion {
    return this.#live;
  }

  /** Returns what a live room does at an edit that makes `version`. */
  policyOf(version = this.#live.version): ReloadPolicy {
    return this.#policy.over(version.build.settings.reload);
  }

  /** Sets what live rooms do at the next edits, until an edit changes the setting itself. */
  setPolicy(policy: ReloadPolicy): void {
    this.#policy.set(policy, this.#settings.reload);
  }

  /** Keeps a version that something runs which was kept; `since` is ms since the epoch. */
  restore(version: Version, since: number): void {
    if (this.named(version.build.version)) return;
    this.#kept.unshift(makeKept(version, "new", since));
  }

  /** Makes a version the live one; `now` is ms since the epoch. */
  makeLive(version: Version, standing: Standing, now: number): KeptVersion {
    const known = this.#kept.find((kept) => kept.version === version);
    this.#live = known ?? this.#add(version, standing, now, this.#live.version);
    this.#live.standing = standing;
    this.#live.since = now;
    this.#live.onProbation = false;
    this.#settings = version.build.settings;
    return this.#live;
  }

  /** Returns all that are kept, oldest first. */
  all(): readonly KeptVersion[] {
    return this.#kept;
  }

  /** Returns the version with exactly this name; undefined where it is not kept. */
  named(name: string): KeptVersion | undefined {
    return this.#kept.find(({ version }) => version.build.version === name);
  }

  /**
   * Returns a version by what a person calls it: `v3·81c2aa`, `v3`, or its content hash from 4 digits on. Throws
   * HotroomError: `version_not_found`.
   */
  find(text: string): KeptVersion {
    const found = this.#kept.filter(({ version: { build } }) => {
      const [counter] = build.version.split("·");
      const isHash = /^[0-9a-f]{4,}$/.test(text) && build.hash.startsWith(text);
      return build.version === text || counter === text || isHash;
    });
    const newest = found.at(-1);
    if (newest) return newest;
    const names = this.#kept.map(({ version }) => version.build.version).join(", ");
    throw new HotroomError("version_not_found", `Cannot find version "${text}": there is only ${names}.`);
  }

  /** Forgets the oldest of more than MAX_KEPT_VERSIONS that nothing runs; `used` holds the names of the others. */
  prune(used: ReadonlySet<string>): void {
    for (const kept of [...this.#kept]) {
      if (this.#kept.length <= MAX_KEPT_VERSIONS) break;
      if (kept === this.#live || used.has(kept.version.build.version)) continue;
      this.#kept.splice(this.#kept.indexOf(kept), 1);
    }
  }

  #add(version: Version, standing: Standing, since: number, earlier?: Version): KeptVersion {
    const kept = makeKept(version, standing, since, earlier);
    this.#kept.push(kept);
    return kept;
  }
}

function makeKept(version: Version, standing: Standing, since: number, earlier?: Version): KeptVersion {
  return {
    version,
    ...(earlier ? { earlier } : {}),
    standing,
    since,
    moving: 0,
    isMoving: false,
    failures: new Map(),
    stuck: new Map(),
    onProbation: false,
    handlers: new HandlerTimes(version),
  };
}

/** Returns the error that says why a version was left; `failed` has the reasons by name of the room, the extension is "". */
export function rolledBackBecause(failed: ReadonlyMap<string, string>): BuildError {
  const shown = [...failed]
    .slice(0, SHOWN_FAILURES)
    .map(([room, reason]) => `${room || "the extension"}: ${reason}`);
  const more = failed.size > shown.length ? `; and ${failed.size - shown.length} more` : "";
  return new BuildError(
    `The version was rolled back, and its content is quarantined until a file changes: ${shown.join("; ")}${more}`,
  );
}
