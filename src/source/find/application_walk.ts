import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { BuildError } from "../../core/errors.ts";
import type { CrowdedFolders } from "./crowded_folders.ts";
import { isHidden, isSource, PUBLIC } from "./file_names.ts";
import { type FoundApplication, type FoundFile, stampOf } from "./found_application.ts";

/** Source files of one application, and folders; more is a folder that was put here by mistake. */
const MAX_FILES = 1000;
/** Files and folders of one application, whatever they are; hidden ones are counted and not entered. */
const MAX_ENTRIES = 5000;
/** Folders in one another. */
const MAX_DEPTH = 16;

/** Collects the files of one application; the first thing that is wrong is its error. */
export class ApplicationWalk {
  readonly files: FoundFile[] = [];
  readonly #folders: Pick<FoundFile, "absolute" | "stamp">[] = [];
  error: BuildError | undefined;
  /** Whether there is a folder of pages, which are no scripts. */
  hasPages = false;
  #touched = 0;
  #vanishing = false;
  #entries = 0;

  /** `root` is the extensions folder, behind links. */
  constructor(
    private readonly root: string,
    private readonly crowded: CrowdedFolders,
  ) {}

  /** Adds the source files in a folder and below; `prefix` is its path in the application, with a `/` at its end. */
  async folder(absolute: string, prefix: string, depth: number): Promise<void> {
    let entries: Dirent[];
    try {
      // A file that is deleted leaves a trace in its folder only.
      const stats = await stat(absolute);
      this.#touch(stats);
      this.#folders.push({ absolute, stamp: stampOf(stats) });
      if (this.crowded.has(absolute, stats.mtimeMs)) return this.#sayCrowded();
      entries = await readdir(absolute, { withFileTypes: true });
      this.#entries += entries.length;
      if (this.#entries > MAX_ENTRIES) {
        this.crowded.add(absolute, stats.mtimeMs);
        return this.#sayCrowded();
      }
    } catch (error) {
      return this.#fail(absolute, error);
    }
    // Links can make a folder endless, in depth and in number.
    if (depth > MAX_DEPTH || this.#folders.length > MAX_FILES)
      return this.#say("Its folders are nested too deeply or too many; a link may lead back into one.");
    for (const entry of entries) {
      if (isHidden(entry.name)) continue;
      const path = prefix + entry.name;
      const inner = join(absolute, entry.name);
      if (entry.isFile() && !isSource(entry.name)) continue;
      const kind = await this.kind(inner, entry, path);
      if (kind === "folder" && path === PUBLIC) this.hasPages = true;
      else if (kind === "folder") await this.folder(inner, `${path}/`, depth + 1);
      else if (kind === "file" && isSource(entry.name)) await this.add(inner, path);
      if (this.files.length > MAX_FILES) return this.#say(`There are more than ${MAX_FILES} source files.`);
      if (this.error) return;
    }
  }

  /** Resolves with what an entry is, behind links; undefined where it is neither, has gone, or may not be followed. */
  async kind(absolute: string, entry: Dirent, name: string): Promise<"file" | "folder" | undefined> {
    if (entry.isDirectory()) return "folder";
    if (entry.isFile()) return "file";
    if (!entry.isSymbolicLink()) return undefined;
    try {
      const target = await realpath(absolute);
      const stats = await stat(target);
      const kind = stats.isDirectory() ? "folder" : stats.isFile() ? "file" : undefined;
      if (target === this.root || target.startsWith(this.root + sep)) return kind;
      if (kind === "folder" || isSource(name)) {
        this.#say(
          `${this.#shown(absolute)} is a link that leads out of the extensions folder; it is not followed.`,
        );
      }
      return undefined;
    } catch (error) {
      if (!isSource(name)) return undefined;
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        this.#say(`${this.#shown(absolute)} is a link to a file that does not exist.`);
      else this.#fail(absolute, error);
      return undefined;
    }
  }

  /** Adds a file. */
  async add(absolute: string, path: string): Promise<void> {
    try {
      const found = await stat(absolute);
      this.#touch(found);
      this.files.push({ path, absolute, size: found.size, stamp: stampOf(found) });
    } catch (error) {
      this.#fail(absolute, error);
    }
  }

  /** Returns the application that the walk has found. */
  result(name: string, oneFile: boolean, error: BuildError | undefined): FoundApplication {
    const { files, hasPages } = this;
    const seen = { folders: this.#folders, touched: this.#touched, vanishing: this.#vanishing };
    const found = { name, oneFile, hasPages, files, ...seen };
    return error ? { ...found, error } : found;
  }

  #touch({ mtimeMs, ctimeMs }: { mtimeMs: number; ctimeMs: number }): void {
    this.#touched = Math.max(this.#touched, mtimeMs, ctimeMs);
  }

  /** Notes an error of the file system; where a file has gone since its folder was listed, only that the folder has to be looked at again. */
  #fail(absolute: string, error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      this.#vanishing = true;
      return;
    }
    this.#say(`Cannot read ${this.#shown(absolute)}: ${message}`);
  }

  #sayCrowded(): void {
    this.#say(`There are more than ${MAX_ENTRIES} files and folders. Keep what is no source somewhere else.`);
  }

  #say(message: string): void {
    this.error ??= new BuildError(message);
  }

  #shown(absolute: string): string {
    return absolute.slice(this.root.length + 1).replaceAll(sep, "/");
  }
}
