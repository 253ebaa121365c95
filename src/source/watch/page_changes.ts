import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { PageEdit } from "../../core/edit/page_edits.ts";
import { pageFiles, pageFolders } from "../pages/page_folders.ts";
import { PUBLIC, stampOf } from "../read/discovery.ts";

/** The pages of one application at a look: their folder, "" without one, and the stamp of each file by its path in there. */
interface Pages {
  readonly folder: string;
  readonly stamps: ReadonlyMap<string, string>;
}

/** Of the time without a signal, the part that looks may take; and the longest that none is made, ms. */
const SHARE = 1 / 100;
const LONGEST_MS = 60_000;

/** Tells which applications have other pages than at the last look, by the stamps of their files. */
export class PageChanges {
  #known = new Map<string, Pages>();
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
    if (!folders) return { folder: "", stamps: new Map() };
    const files = await pageFiles(folders);
    const stamps = await Promise.all(
      files.map(async (path): Promise<[string, string]> => {
        const stats = await stat(join(folders.pages, path)).catch(() => undefined);
        return [path, stats ? stampOf(stats) : "gone"];
      }),
    );
    return { folder: folders.pages, stamps: new Map(stamps) };
  }
}

/** Returns what differs between two looks; undefined where that is nothing, and at the first look. */
function editOf(before: Pages | undefined, now: Pages): PageEdit | undefined {
  if (!before) return undefined;
  const isMoved = before.folder !== now.folder;
  const files = [...now.stamps].filter(([path, stamp]) => isMoved || before.stamps.get(path) !== stamp);
  const gone = [...before.stamps.keys()].filter((path) => !now.stamps.has(path));
  if (files.length === 0 && gone.length === 0) return undefined;
  return { files: files.map(([path]) => shown(path)), gone: gone.map(shown) };
}

/** Returns a page's path as the API names it, wherever the folder is. */
function shown(path: string): string {
  return `${PUBLIC}/${path}`;
}
