/** The port of the API for the files of applications as they lie on the disk. `source/` implements it. */

/** A file of an application. */
export interface SourceFile {
  /** As errors name it: `rooms/match.ts`; `chat.ts` of an application in one file; `public/index.html` of its pages. */
  readonly path: string;
  readonly bytes: number;
}

/** The files of an application. */
export interface SourceListing {
  readonly files: readonly SourceFile[];
  /** Whether they may be written: not where the program gives them, or has no right to. */
  readonly isWritable: boolean;
  /** The line that their author asks to be edited first, 1-based; absent where none is. */
  readonly invitation?: { readonly path: string; readonly line: number };
}

/** What a file holds, and what that state of it is known by. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly tag: string;
}

/** Reads and writes the files of applications: no others, and none that is not there. */
export interface SourceFiles {
  /** Resolves with the files of an application, the first of many; undefined where there is none of that name. */
  list(application: string): Promise<SourceListing | undefined>;
  /** Rejects with HotroomError: `file_not_found`, `too_large`, `not_text`. */
  read(application: string, path: string): Promise<SourceText>;
  /**
   * Writes a whole file at once, and resolves with its new tag. Rejects with HotroomError: `file_not_found`; `file_changed` where it is
   * not what `tag` says any more; `not_writable`.
   */
  write(application: string, file: SourceText): Promise<string>;
}
