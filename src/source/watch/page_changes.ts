import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pageFiles, pageFolders } from "../pages/page_folders.ts";
import { stampOf } from "../read/discovery.ts";

/** Tells which applications have other pages than at the last look, by the stamps of their files. */
export class PageChanges {
  /** By application; "" where there are no pages. */
  #known = new Map<string, string>();

  constructor(
    /** The extensions folder. */
    private readonly extensions: string,
  ) {}

  /** Looks at the pages of these applications; resolves with the names of those that were known and have changed. */
  async look(applications: readonly string[]): Promise<string[]> {
    const stamps = new Map<string, string>();
    for (const application of applications) stamps.set(application, await this.#stamp(application));
    const known = this.#known;
    this.#known = stamps;
    return applications.filter((each) => known.has(each) && known.get(each) !== stamps.get(each));
  }

  async #stamp(application: string): Promise<string> {
    const folders = await pageFolders(this.extensions, application);
    if (!folders) return "";
    const files = (await pageFiles(folders)).sort();
    const stamps = await Promise.all(
      files.map(async (path) => {
        const stats = await stat(join(folders.pages, path)).catch(() => undefined);
        return `${path} ${stats ? stampOf(stats) : "gone"}`;
      }),
    );
    return [folders.pages, ...stamps].join("\n");
  }
}
