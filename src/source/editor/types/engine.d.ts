// biome-ignore-all lint/suspicious/noExplicitAny: whatever is given, it does not exist
/**
 * What TypeScript's library has and the script engine has not, so that editors say so before a script runs, and what the engine has
 * besides of the standards that browsers share. It is a part of the extensions' own project only; whoever imports the types of an
 * extension runs elsewhere.
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

/** Writes texts as UTF-8. */
interface TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array<ArrayBuffer>;
  /** Writes as many whole characters as there is room for. */
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

/** Reads UTF-8; there is no other encoding. */
interface TextDecoder {
  readonly encoding: "utf-8";
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  /** With `stream` the rest of a character may come with the next call. Throws TypeError for what is no UTF-8, where it is `fatal`. */
  decode(bytes?: ArrayBufferLike | ArrayBufferView, options?: { stream?: boolean }): string;
}
declare var TextDecoder: {
  prototype: TextDecoder;
  new (label?: "utf-8" | "utf8", options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

/** What is wrong in one of the calls below, by its `name`: `InvalidCharacterError`, `DataCloneError`, `QuotaExceededError`. */
interface DOMException extends Error {
  readonly code: number;
}
declare var DOMException: { prototype: DOMException; new (message?: string, name?: string): DOMException };

/** Returns the characters of a text, which are bytes, as base64. Throws DOMException for characters beyond U+00FF. */
declare function btoa(text: string): string;
/** Returns the bytes of base64 as characters. Throws DOMException for what is no base64. */
declare function atob(base64: string): string;

/** Returns a copy of a value with all that it leads to. Throws DOMException for functions and symbols. */
declare function structuredClone<T>(value: T, options?: { transfer?: ArrayBuffer[] }): T;

/** Chance that nobody can guess, and that is the same when the event is run again; not while a file is loaded. */
interface Crypto {
  /** Fills an array of whole numbers, of 65,536 bytes at most, and returns it. */
  getRandomValues<
    T extends
      | Int8Array
      | Uint8Array
      | Uint8ClampedArray
      | Int16Array
      | Uint16Array
      | Int32Array
      | Uint32Array
      | BigInt64Array
      | BigUint64Array,
  >(array: T): T;
  /** Returns a random UUID, of version 4. */
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
}
declare var crypto: Crypto;

/** A clock for logs, and to find what takes long. */
interface Performance {
  /**
   * Returns the time of the event, and what has passed since the first call in it, ms. What has passed is other in a replay: nothing
   * that it decides may get into the state.
   */
  now(): number;
  readonly timeOrigin: 0;
}
declare var performance: Performance;
