import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { CrowdedFolders } from "./crowded_folders.ts";
import { fileNameFault, isFileName } from "../../protocol/names.ts";

/** Returns a text that changes whenever a file is written, replaced, or its link is pointed elsewhere. */
export function stampOf(stats: { ino: number; size: number; mtimeMs: number; ctimeMs: number }): string {
  return `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
}

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

/** Name of the pages' folder in an application's own. */
export const PUBLIC = "public";
/** What the name of the folder ends with that has the pages of an application in one file. */
export const BESIDE = ".public";

/** Applications of one folder; with more it is a folder of something else. */
const MAX_APPLICATIONS = 5000;
/** Source files of one application, and folders; more is a folder that was put here by mistake. */
const MAX_FILES = 1000;
/** Files and folders of one application, whatever they are; hidden ones are counted and not entered. */
const MAX_ENTRIES = 5000;
/** Folders in one another. */
const MAX_DEPTH = 16;

/** Returns true for hidden files and folders, editors' drafts among them, and for packages. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/**
 * Returns true if a change of this path can't be one of an application. Hidden names that start with two dots can: mounted
 * volumes keep what their links lead to in `..data`.
 */
export function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => isHidden(part) && !part.startsWith(".."));
}

/** Returns true for what may be a module, by its name: neither declarations nor tests, ours or those of other runners. */
export function isScript(name: string): boolean {
  return /\.[jt]s$/.test(name) && !/\.(d|test|spec)\.[jt]s$/.test(name);
}

/** Returns true for what is no script because of how its name ends, though other tools take it for one. */
export function isAlmostScript(name: string): boolean {
  return /\.(?:[cm][jt]s|[jt]sx)$/.test(name) && !/\.(d|test|spec)\.[cm]?[jt]sx?$/.test(name);
}
const isSource = (name: string) => isScript(name) || name.endsWith(".json");
const stem = (name: string) => name.replace(/\.[jt]s$/, "");

/**
 * Resolves with the applications of an extensions folder, sorted by name, without reading a file. What is wrong with one is
 * its `error` and hurts no other; `crowded` is the same for each look at one folder, `only` the name of the one entry that is looked
 * at. Rejects with the file system's error where the folder itself can't be read.
 */
export async function discover(
  folder: string,
  crowded = new CrowdedFolders(),
  only?: string,
): Promise<FoundApplication[]> {
  const root = await realpath(folder);
  const found = new Map<string, FoundApplication[]>();
  const entries = await readdir(root, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      if (only === undefined ? isHidden(entry.name) : entry.name !== only) return;
      const application = await examine(new Walk(root, crowded), root, entry);
      if (application) found.set(application.name, [...(found.get(application.name) ?? []), application]);
    }),
  );
  const all = [...found.values()].map(single).sort((a, b) => (a.name < b.name ? -1 : 1));
  return all.map((each, at) => (at < MAX_APPLICATIONS ? each : { ...each, error: each.error ?? surplus() }));
}

/** Resolves with the application of that name, in a folder or a file of its own; undefined where there is none. Rejects as `discover`. */
export async function discoverOne(folder: string, name: string): Promise<FoundApplication | undefined> {
  for (const entry of [name, `${name}.ts`, `${name}.js`]) {
    const [found] = await discover(folder, new CrowdedFolders(), entry);
    if (found) return found;
  }
  return undefined;
}

function surplus(): BuildError {
  return new BuildError(
    `There are more than ${MAX_APPLICATIONS} applications; the first ones by name are taken.`,
  );
}

/** Returns the one application of a name, or an error in place of several: none of them gets it. */
function single(claims: FoundApplication[]): FoundApplication {
  const [first, second] = claims;
  if (!first) throw new RangeError("Cannot choose from no application.");
  if (!second) return first;
  const names = claims.map((each) => (each.oneFile ? each.files[0]?.path : `${each.name}/`)).sort();
  const files = claims.flatMap((each) => each.files);
  const message = `There are two applications named "${first.name}": ${names.join(" and ")}. Rename or remove one.`;
  const touched = Math.max(...claims.map((each) => each.touched));
  return { name: first.name, oneFile: false, files, touched, error: new BuildError(message) };
}

async function examine(walk: Walk, root: string, entry: Dirent): Promise<FoundApplication | undefined> {
  const kind = await walk.kind(join(root, entry.name), entry, entry.name);
  // The pages of an application in one file, which may be about to come or go.
  if (kind === "folder" && entry.name.endsWith(BESIDE)) return undefined;
  if (kind === "folder") return await examineFolder(walk, root, entry.name);
  if (kind === undefined && walk.error && !isScript(entry.name)) {
    return walk.result(entry.name, false, walk.error);
  }
  if (!isScript(entry.name)) return undefined;
  const name = stem(entry.name);
  if (kind === "file") await walk.add(join(root, entry.name), entry.name);
  else if (!walk.error) return undefined;
  const error = walk.error ?? nameError(name, entry.name, "application");
  return walk.result(name, true, error);
}

async function examineFolder(walk: Walk, root: string, name: string): Promise<FoundApplication | undefined> {
  await walk.folder(join(root, name), "", 0);
  const files = walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const scripts = files.map((file) => file.path).filter(isScript);
  const isEmpty = scripts.length === 0 && !files.some((file) => file.path === "hotroom.json");
  if (isEmpty && !walk.hasPages) {
    // A link that leads out may be all there is of it: say so instead of ignoring the folder.
    return walk.error && walk.result(name, false, walk.error);
  }
  const error = walk.error ?? layoutError(name, scripts, walk.hasPages);
  return walk.result(name, false, error);
}

/** Returns why the scripts of these paths are no application; undefined where they are one. */
export function layoutError(
  name: string,
  scripts: readonly string[],
  hasPages = false,
): BuildError | undefined {
  const isRoom = (path: string) => /^rooms\/[^/]+$/.test(path);
  const entries = scripts.filter((path) => /^app\.[jt]s$/.test(path) || isRoom(path));
  return (
    nameError(name, `${name}/`, "application") ??
    (entries.length === 0 && !hasPages
      ? new BuildError(
          `${name}/ is not an application: it has neither app.ts nor a room type in rooms/, as rooms/match.ts, nor pages in public/.`,
        )
      : undefined) ??
    entries
      .filter(isRoom)
      .map((path) => nameError(stem(path.slice("rooms/".length)), `${name}/${path}`, "room type"))
      .find((each) => each !== undefined) ??
    twinError(name, entries)
  );
}

function nameError(name: string, file: string, what: string): BuildError | undefined {
  if (isFileName(name)) return undefined;
  return new BuildError(
    `${file}: "${name}" can't be the name of ${what === "application" ? "an" : "a"} ${what}. It ${fileNameFault(name)}; such a name has 1 to 64 letters, marks, digits and _.:@#'+-, a letter or digit first.`,
  );
}

/** The error of `app.ts` beside `app.js`, where nobody can tell which one is meant. */
function twinError(name: string, entries: string[]): BuildError | undefined {
  const paths = new Set(entries);
  const twin = entries.find((path) => path.endsWith(".js") && paths.has(`${stem(path)}.ts`));
  if (!twin) return undefined;
  return new BuildError(`${name}/ has both ${stem(twin)}.ts and ${twin}. Remove one.`);
}

/** Collects the files of one application; the first thing that is wrong is its error. */
class Walk {
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
