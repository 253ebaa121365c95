import type { Settings } from "../application/settings.ts";

/** One immutable state of an application's files, made by `source/`, not yet loaded by a script host. */
export interface Build {
  readonly application: string;
  /** Content hash of all files and settings: 6 or more lower-case hex digits. */
  readonly hash: string;
  /** Name of the version: `v17·3fa9c1`. */
  readonly version: string;
  /**
   * Plain JavaScript by path inside the application's folder, with `/` (`rooms/match.ts`); that of a package may begin with `../`. Types are stripped already; lines
   * and columns are those of the source.
   */
  readonly files: ReadonlyMap<string, string>;
  /** The same files as their author wrote them, for error messages that show the line. */
  readonly sources: ReadonlyMap<string, string>;
  /** What imports lead to in which a rule for the application's own files can't say it: those of packages, and those in them. */
  readonly imports?: readonly PackageImport[];
  /** Path of the application's extension, where there is one. */
  readonly extension?: string;
  /** Path of each room type's extension, by type. */
  readonly rooms: ReadonlyMap<string, string>;
  readonly settings: Settings;
}

/** An import that leads to a file of a package: the paths of both, and what the importing one calls it. */
export type PackageImport = readonly [from: string, specifier: string, path: string];

/** What the default export of one loaded extension declares. */
export interface Definition {
  readonly kind: "application" | "room";
  readonly maxUsers?: number;
  readonly maxWatchers?: number;
  /** Ticks a second, where the definition has a `tick`. */
  readonly tickRate?: number;
  readonly hasMigrate: boolean;
  /** Whether it says `durable: true`: its state outlives the server. */
  readonly isDurable?: boolean;
  /** Names of the handlers it has, as `events.join`, `messages.move`, `timers.round`, `emits.x`. */
  readonly handlers: readonly string[];
}

/** A build that script hosts have loaded and validated. */
export interface Version {
  readonly build: Build;
  readonly extension?: Definition;
  readonly rooms: ReadonlyMap<string, Definition>;
}
