/** The port of an application's files, as the API shows and writes them. `source/` implements it. */

/** A file of an application. */
export interface FileView {
  /** Inside the application's folder, with `/`; of an application in one file, its name. */
  readonly path: string;
  readonly bytes: number;
}

/** What a file holds, and what changes with it, quoted as an ETag is. */
export interface FileText {
  readonly text: string;
  readonly tag: string;
}

/**
 * Shows and writes files. All reject with HotroomError: `application_not_found` where nothing on the disk is the application, `not_allowed`
 * for a path that can't be one of its files.
 */
export interface Files {
  /** Resolves with its text files, sorted by path; `more` says that there are others. */
  list(application: string): Promise<{ files: readonly FileView[]; more: boolean }>;
  /** Rejects with `file_not_found`, and `too_large`. */
  read(application: string, path: string): Promise<FileText>;
  /**
   * Writes all of a file at once, and resolves with its tag. `known` is the tag of what it replaces, null where there is nothing yet.
   * Rejects with `file_changed` where that is not so, and nothing is written.
   */
  write(application: string, path: string, text: string, known: string | null): Promise<string>;
}
