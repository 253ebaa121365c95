import { HotroomError } from "../errors.ts";
import type { Version } from "../ports/build.ts";

/** Versions that an application keeps so that it can go back to them, the live one among them. */
export const mostKept = 5;

/** Why a version, or what runs it, is as it is. */
export type Standing = "new" | "swapped" | "pinned" | "rolled_back" | "by_hand" | "quarantined";

/** A version that is or was live. */
export interface Kept {
  readonly version: Version;
  /** The version that was live before it; absent for an application's first. */
  readonly earlier?: Version;
  standing: Standing;
  /** Since when it stands so, ms since the epoch. */
  since: number;
  /** Rooms that were to move to it. */
  moving: number;
  /** Why rooms left it or did not come to it, by name; the application's extension is "". */
  readonly failures: Map<string, string>;
  /** Whether failures of first events count against it still. */
  onProbation: boolean;
}

/** Rooms that may fail before the whole application goes back: less than this many, and than this share of them. */
const tooMany = { rooms: 3, share: 0.1 };

/** Whether the application is to leave a version: its extension failed in it, or 3 rooms, or a tenth of those that moved. */
export function hasFailed({ failures, moving }: Kept): boolean {
  if (failures.size === 0) return false;
  return failures.has("") || failures.size >= tooMany.rooms || failures.size >= moving * tooMany.share;
}

/** The versions of one application, in the order in which they first went live. */
export class Versions {
  readonly #kept: Kept[] = [];
  #live: Kept;

  constructor(first: Version, now: number) {
    this.#live = this.#add(first, "new", now);
  }

  /** What new rooms get. */
  get live(): Kept {
    return this.#live;
  }

  /** Makes a version the live one. */
  take(version: Version, standing: Standing, now: number): Kept {
    const known = this.#kept.find((kept) => kept.version === version);
    this.#live = known ?? this.#add(version, standing, now, this.#live.version);
    this.#live.standing = standing;
    this.#live.since = now;
    this.#live.onProbation = false;
    return this.#live;
  }

  /** Oldest first. */
  all(): readonly Kept[] {
    return this.#kept;
  }

  /** The version with exactly this name. */
  named(name: string): Kept | undefined {
    return this.#kept.find(({ version }) => version.build.version === name);
  }

  /**
   * A version by what a person calls it: `v3·81c2aa`, `v3`, or its content hash from 4 digits on. Throws
   * `version_not_found`.
   */
  find(text: string): Kept {
    const found = this.#kept.filter(({ version: { build } }) => {
      const [counter] = build.version.split("·");
      const isHash = /^[0-9a-f]{4,}$/.test(text) && build.hash.startsWith(text);
      return build.version === text || counter === text || isHash;
    });
    const newest = found.at(-1);
    if (newest) return newest;
    const names = this.#kept.map(({ version }) => version.build.version).join(", ");
    throw new HotroomError("version_not_found", `Cannot find version "${text}": ${names} are kept.`);
  }

  /** Forgets the oldest beyond `mostKept` that nothing runs. */
  prune(used: ReadonlySet<string>): void {
    for (const kept of [...this.#kept]) {
      if (this.#kept.length <= mostKept) break;
      if (kept === this.#live || used.has(kept.version.build.version)) continue;
      this.#kept.splice(this.#kept.indexOf(kept), 1);
    }
  }

  #add(version: Version, standing: Standing, since: number, earlier?: Version): Kept {
    const kept: Kept = {
      version,
      ...(earlier ? { earlier } : {}),
      standing,
      since,
      moving: 0,
      failures: new Map(),
      onProbation: false,
    };
    this.#kept.push(kept);
    return kept;
  }
}
