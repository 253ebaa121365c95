/** The port of pages: what `http/` serves of the applications' `public/` folders. `source/` implements it. */

/** Finds pages. */
export interface Pages {
  /**
   * Resolves with the page of an application at a path inside its `public/`, or inside its `lib/` where that comes first; undefined
   * where there is none, or none that may be shown. `path` is decoded, its parts are not empty; with `""` as the last it is a folder.
   */
  find(application: string, path: readonly string[]): Promise<Page | undefined>;
  /** Returns true if there is an application of that name which has pages. */
  has(application: string): boolean;
}

/** A file as it is served; whoever gets one reads or closes it. */
export interface Page {
  /** Its name, whose ending says what it is. */
  readonly name: string;
  /** What changes with its content, quoted as an ETag is. */
  readonly tag: string;
  /** Bytes. */
  readonly size: number;
  /** Returns its bytes from `start` on, up to and not with `end`; closes it when they were read, or nobody reads on. */
  read(start: number, end: number): ReadableStream<Uint8Array> | Uint8Array;
  /** Closes it unread. */
  close(): void;
}
