import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { PageEdit } from "../../core/edit/page_edits.ts";
import { listPages, pageFolders, type PageFolders, type PageListing } from "../pages/page_folders.ts";
import { CrowdedFolders } from "../find/crowded_folders.ts";
import { PUBLIC } from "../find/file_names.ts";
import { stampOf } from "../find/found_application.ts";

/** The pages of one application at a look: their folder, "" without one, and the stamp of each file by its path in there. */
interface Pages {
  readonly folder: string;
  readonly stamps: ReadonlyMap<string, string>;
  /** True where there are more than are looked at. */
  readonly isCut: boolean;
}

/** Of a crowded folder of pages: what is in the folders in it says nothing of its own time of change. */
const NEVER = Number.NaN;
/** Files that are asked for at once: the loop is the sockets', and thousands at once hold it up (on Deno 2.9.6 most of all). */
const STATS_AT_ONCE = 64;

/** Of the time without a signal, the part that looks may take; and the longest that none is made, ms. */
const SHARE = 1 / 100;
const LONGEST_MS = 60_000;

/** Tells which applications have other pages than at the last look, by the stamps of their files. */
export class PageChanges {
  #known = new Map<string, Pages>();
  readonly #crowded = new CrowdedFolders();
  #isSignalled = false;
  /** When they are looked at though no signal has come: there may be thousands of files. */
  #due = 0;

  constructor(
    /** The extensions folder. */
    private readonly extensions: string,
    /** Returns milliseconds that never jump. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Has the next look made, however soon it comes. */
  signal(): void {
    this.#isSignalled = true;
  }

  /** Looks at the pages of these applications, if it is time to; resolves with what has changed of those that were known. */
  async look(applications: readonly string[]): Promise<{ application: string; edit: PageEdit }[]> {
    const started = this.now();
    if (!this.#isSignalled && started < this.#due) return [];
    this.#isSignalled = false;
    const looked = new Map<string, Pages>();
    for (const application of applications) looked.set(application, await this.#look(application));
    const ended = this.now();
    this.#due = ended + Math.min(LONGEST_MS, (ended - started) / SHARE);
    const known = this.#known;
    this.#known = looked;
    return [...looked].flatMap(([application, now]) => {
      const edit = editOf(known.get(application), now);
      return edit ? [{ application, edit }] : [];
    });
  }

  async #look(application: string): Promise<Pages> {
    const folders = await pageFolders(this.extensions, application);
    if (!folders) return { folder: "", stamps: new Map(), isCut: false };
    const folder = folders.pages;
    const known = this.#known.get(application);
    const { files, isCut } = await this.#list(folders, known?.folder === folder ? known : undefined);
    const stamps = new Map<string, string>();
    const stamp = async (path: string) => {
      const stats = await stat(join(folder, path)).catch(() => undefined);
      if (stats) stamps.set(path, stampOf(stats));
    };
    for (let at = 0; at < files.length; at += STATS_AT_ONCE)
      await Promise.all(files.slice(at, at + STATS_AT_ONCE).map(stamp));
    return { folder, stamps, isCut };
  }

  /** Lists pages; where there are too many of them those that are known, as long as they are there, and not at each look. */
  async #list(folders: PageFolders, known: Pages | undefined): Promise<PageListing> {
    const knownFiles = [...(known?.stamps.keys() ?? [])];
    if (known?.isCut && this.#crowded.has(folders.pages, NEVER)) return { files: knownFiles, isCut: true };
    const { files, isCut } = await listPages(folders);
    if (!isCut) return { files, isCut };
    this.#crowded.add(folders.pages, NEVER);
    return {
      files: [...new Set([...knownFiles, ...files])].slice(0, Math.max(files.length, knownFiles.length)),
      isCut,
    };
  }
}

/** Returns what differs between two looks; undefined where that is nothing, and at the first look. */
function editOf(before: Pages | undefined, now: Pages): PageEdit | undefined {
  if (!before) return undefined;
  const isMoved = before.folder !== now.folder;
  // What has not been looked at before need not be new.
  const isNew = (path: string) => !before.isCut && !before.stamps.has(path);
  const files = [...now.stamps].filter(
    ([path, stamp]) => isMoved || isNew(path) || (before.stamps.get(path) ?? stamp) !== stamp,
  );
  const gone = [...before.stamps.keys()].filter((path) => !now.stamps.has(path));
  if (files.length === 0 && gone.length === 0) return undefined;
  return { files: files.map(([path]) => shown(path)), gone: gone.map(shown) };
}

/** Returns a page's path as the API names it, wherever the folder is. */
function shown(path: string): string {
  return `${PUBLIC}/${path}`;
}
