import type { BuildError } from "../../core/errors.ts";

/** One file of an application, found but not read. */
export interface FoundFile {
  /** Path inside the application's folder, with `/`; the file's own name for an application in one file. */
  readonly path: string;
  readonly absolute: string;
  /** Bytes. */
  readonly size: number;
  /** Its `stampOf`. */
  readonly stamp: string;
  /** What it holds, where it is no file on the disk. */
  readonly text?: string;
}

/** One application as it lies in the extensions folder. */
export interface FoundApplication {
  readonly name: string;
  /** Name of its folder, where that is another one. */
  readonly folder?: string;
  readonly oneFile: boolean;
  /** True for a folder that has `public/`. */
  readonly hasPages?: boolean;
  /** Sorted by path; `hotroom.json` is one of them. */
  readonly files: readonly FoundFile[];
  /** The folders that the files were found in: what comes or goes in one changes its stamp. */
  readonly folders?: readonly Pick<FoundFile, "absolute" | "stamp">[];
  /** When a file was last written or replaced, or one came or went in a folder, ms since the epoch. */
  readonly touched: number;
  /** True if something went away while it was looked at, so that it has to be looked at again. */
  readonly vanishing?: boolean;
  /** Why these files can't be an application, whatever they hold. */
  readonly error?: BuildError;
}

/** Returns a text that changes whenever a file is written, replaced, or its link is pointed elsewhere. */
export function stampOf(stats: { ino: number; size: number; mtimeMs: number; ctimeMs: number }): string {
  return `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
}
