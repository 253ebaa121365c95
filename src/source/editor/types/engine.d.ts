// biome-ignore-all lint/suspicious/noExplicitAny: whatever is given, it does not exist
/**
 * What TypeScript's library has and the script engine has not: editors then say so before a script runs. It is a part of the
 * extensions' own project only; whoever imports the types of an extension runs elsewhere.
 */

/** What comes of something that a script does not have. */
interface NotInScripts {
  readonly notInScripts: never;
}

declare namespace Intl {
  interface CollatorConstructor {
    /** Scripts have no `Intl`. */
    new (...all: any): NotInScripts;
    /** Scripts have no `Intl`. */
    (...all: any): NotInScripts;
  }
  interface DateTimeFormatConstructor {
    /** Scripts have no `Intl`. */
    new (...all: any): NotInScripts;
    /** Scripts have no `Intl`. */
    (...all: any): NotInScripts;
  }
  interface NumberFormatConstructor {
    /** Scripts have no `Intl`. */
    new (...all: any): NotInScripts;
    /** Scripts have no `Intl`. */
    (...all: any): NotInScripts;
  }
  interface PluralRulesConstructor {
    /** Scripts have no `Intl`. */
    new (...all: any): NotInScripts;
    /** Scripts have no `Intl`. */
    (...all: any): NotInScripts;
  }
  interface RelativeTimeFormat {
    /** Scripts have no `Intl`. */
    format(...all: any): NotInScripts;
  }
  interface DisplayNames {
    /** Scripts have no `Intl`. */
    of(...all: any): NotInScripts;
  }
  interface ListFormat {
    /** Scripts have no `Intl`. */
    format(...all: any): NotInScripts;
  }
  interface Segmenter {
    /** Scripts have no `Intl`. */
    segment(...all: any): NotInScripts;
  }
}

interface WeakRefConstructor {
  /** Scripts have no `WeakRef`: when something is collected differs from run to run. */
  new (...all: any): NotInScripts;
}

interface FinalizationRegistryConstructor {
  /** Scripts have no `FinalizationRegistry`: when something is collected differs from run to run. */
  new (...all: any): NotInScripts;
}

interface SharedArrayBufferConstructor {
  /** Scripts have no `SharedArrayBuffer`: there are no threads. */
  new (...all: any): NotInScripts;
}

interface Number {
  /** Scripts know one locale only. */
  toLocaleString(locales: string | string[], options?: any): NotInScripts;
}

interface BigInt {
  /** Scripts know one locale only. */
  toLocaleString(locales: string | string[], options?: any): NotInScripts;
}

interface Date {
  /** Scripts know one locale only. */
  toLocaleString(locales: string | string[], options?: any): NotInScripts;
  /** Scripts know one locale only. */
  toLocaleDateString(locales: string | string[], options?: any): NotInScripts;
  /** Scripts know one locale only. */
  toLocaleTimeString(locales: string | string[], options?: any): NotInScripts;
}

interface String {
  /** Scripts know one locale only. */
  localeCompare(that: string, locales: string | string[], options?: any): NotInScripts;
  /** Scripts know one locale only. */
  toLocaleUpperCase(locales: string | string[]): NotInScripts;
  /** Scripts know one locale only. */
  toLocaleLowerCase(locales: string | string[]): NotInScripts;
}
