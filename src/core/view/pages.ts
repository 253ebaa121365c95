/** The port of pages: what `http/` serves of the applications' `public/` folders. `source/` implements it. */

/** Finds pages. */
export interface Pages {
  /**
   * Resolves with the page of an application at a path inside its `public/`, or with what of its `lib/` pages import; with "folder"
   * where a folder has an `index.html`; undefined where there is nothing that may be shown. The names of `path` are decoded and not
   * checked; "" as the last one asks for the `index.html` of a folder.
   */
  find(application: string, path: readonly string[]): Promise<Page | "folder" | undefined>;
}

/** A file as it is served. */
export interface Page {
  /** Its name, whose ending says what it is. */
  readonly name: string;
  /** What changes with its content, quoted as an ETag is. */
  readonly tag: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Resolves with its bytes from `start` on, up to and not with `end`: much of them as a stream, which fails where the file changes
   * meanwhile. Rejects where it has changed already.
   */
  read(start: number, end: number): Promise<ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>>;
}
