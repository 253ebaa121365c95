import type { Settings } from "../application/settings.ts";

/** One immutable state of an application's files, made by `source/`, not yet loaded by a script host. */
export interface Build {
  readonly application: string;
  /** Content hash of all files and settings: 6 or more lower-case hex digits. */
  readonly hash: string;
  /** Name of the version: `v17·3fa9c1`. */
  readonly version: string;
  /**
   * Plain JavaScript by path inside the application's folder, with `/` (`rooms/match.ts`); that of a package may begin with `../`. Types
   * are stripped already; lines and columns are those of the source.
   */
  readonly files: ReadonlyMap<string, string>;
  /** The same files as their author wrote them, for error messages that show the line. */
  readonly sources: ReadonlyMap<string, string>;
  /** What imports of packages, and those inside of packages, lead to; for all others the rule of `module_resolution.ts` says it. */
  readonly imports?: readonly PackageImport[];
  /** Path of the application's extension, where there is one. */
  readonly extension?: string;
  /** Path of each room type's extension, by type. */
  readonly rooms: ReadonlyMap<string, string>;
  readonly settings: Settings;
  /** Values that a test gives variables which the setting `env` names, in the place of those that this process has. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** An import that leads to a file of a package: the paths of both, and what the importing one calls it. */
export type PackageImport = readonly [from: string, specifier: string, path: string];

/** Most entries in the `cron` of a definition. */
export const MAX_CRON_ENTRIES = 16;

/** Times at which a timer runs, UTC: when all numbers of a moment are among these, in rising order and none of them empty. */
export interface CronEntry {
  readonly timer: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  /** From 1. */
  readonly months: readonly number[];
  /** From 0, Sunday. */
  readonly weekdays: readonly number[];
  /** Whether day or weekday is enough, instead of both. */
  readonly isEither: boolean;
}

/** Most fields of a form, choices of one, and characters of a name or a choice; and forms of a definition. */
export const FORM_BOUNDS = { fields: 24, choices: 32, length: 64, forms: 64 } as const;

/** A field of a form for a message whose schema is an object of plain values. */
export interface FormField {
  readonly name: string;
  readonly type: "text" | "number" | "flag" | "choice";
  readonly isOptional?: boolean;
  /** Of a `choice`. */
  readonly choices?: readonly (string | number | boolean)[];
}

/** Most relays in the `messages` of a definition; most frames a second of one user in one, and most bytes of one. */
export const MAX_RELAYS = 64;
export const MAX_RELAY_RATE = 10_000;
export const MAX_RELAY_BYTES = 1024 * 1024;

/** A type of message that the server passes on by itself; at most `MAX_RELAYS` in a definition, of different types. */
export interface RelayEntry {
  readonly type: string;
  readonly to: "others" | "all";
  /** Whether only the newest of a user matters: its frames have no number, and are kept for nobody. */
  readonly isVolatile: boolean;
  /** Frames a second of one user, twice as many at once; from 1 to `MAX_RELAY_RATE`. */
  readonly rate: number;
  /** UTF-8 of the JSON, or bytes, of one frame's data; from 1 to `MAX_RELAY_BYTES`. */
  readonly maxBytes: number;
}

/** What the default export of one loaded extension declares. */
export interface Definition {
  readonly kind: "application" | "room";
  readonly maxUsers?: number;
  readonly maxWatchers?: number;
  /** Ticks a second, where the definition has a `tick`. */
  readonly tickRate?: number;
  /** When which of its timers run; at most `MAX_CRON_ENTRIES`. */
  readonly cron?: readonly CronEntry[];
  /** What the server passes on without asking the script; absent where there is nothing. */
  readonly relays?: readonly RelayEntry[];
  readonly hasMigrate: boolean;
  /** Whether it says `durable: true`: its state outlives the server. */
  readonly isDurable?: boolean;
  /** Of the messages that a form can be made for: the type, and the fields. */
  readonly forms?: readonly (readonly [type: string, fields: readonly FormField[]])[];
  /** Names of the handlers it has, as `events.join`, `messages.move`, `timers.round`, `emits.x`. */
  readonly handlers: readonly string[];
}

/** A build that script hosts have loaded and validated. */
export interface Version {
  readonly build: Build;
  readonly extension?: Definition;
  readonly rooms: ReadonlyMap<string, Definition>;
}
