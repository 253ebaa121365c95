import { join } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { candidates } from "../../core/module_resolution.ts";
import { isScript, PUBLIC } from "../find/file_names.ts";
import { PageFile } from "./page_file.ts";
import { pageFiles, type PageFolders } from "./page_folders.ts";
import { isPageModule } from "./page_imports.ts";
import type { PageModules } from "./page_modules.ts";

/** How long what pages import is known without another look, ms: it bounds what requests cost. */
const KNOWN_MS = 50;
/** Applications of which it is known. */
const MAX_KNOWN = 1000;
/** Modules of `lib/` that pages of one application may import. */
const MAX_SHARED = 1000;

/** What the pages of an application import of its `lib/`. */
export interface SharedModules {
  /** Paths of the files, from `lib/` on. */
  readonly files: ReadonlySet<string>;
  /** What is wrong with modules of the pages, or with those. */
  readonly errors: readonly BuildError[];
  /** What one of them imports by a name, the first such import of each. */
  readonly named: readonly BuildError[];
}

interface Look {
  /** When it has ended, by `performance.now()`. */
  ended?: number;
  readonly found: Promise<SharedModules>;
}

/** Knows which files of `lib/` may be shown: those that pages import, and what these do. */
export class SharedModuleSearch {
  readonly #looks = new Map<string, Look>();

  constructor(private readonly modules: PageModules) {}

  /** Resolves with what the pages of an application import. */
  of(application: string, folders: PageFolders): Promise<SharedModules> {
    const known = this.#looks.get(application);
    if (known && (known.ended === undefined || performance.now() - known.ended < KNOWN_MS))
      return known.found;
    const look: Look = { found: this.#search(application, folders) };
    const end = () => {
      look.ended = performance.now();
    };
    look.found.then(end, end);
    this.#looks.delete(application);
    this.#looks.set(application, look);
    const [oldest] = this.#looks.keys();
    if (this.#looks.size > MAX_KNOWN && oldest !== undefined) this.#looks.delete(oldest);
    return look.found;
  }

  async #search(application: string, folders: PageFolders): Promise<SharedModules> {
    const files = new Set<string>();
    const errors: BuildError[] = [];
    const byName: BuildError[] = [];
    const own = (await pageFiles(folders)).filter(isPageModule).sort();
    const rest = own.map((path) => `${PUBLIC}/${path}`).reverse();
    for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
      const file = await PageFile.find(folders.root, pathOf(folders, path), path);
      if (!(file instanceof PageFile)) continue;
      const { shared, error, named } = await this.modules.of({ application, folders, path }, file);
      if (error) errors.push(error);
      if (named) byName.push(named);
      for (const wanted of shared) {
        const found = await sharedFile(folders, wanted);
        if (!found) errors.push(new BuildError(`${path} imports ${wanted}: there is no such file.`));
        else if (!files.has(found.name) && files.size < MAX_SHARED) {
          files.add(found.name);
          if (isScript(found.name)) rest.push(found.name);
        }
      }
    }
    return { files, errors, named: byName };
  }
}

/** Resolves with the file of `lib/` that a path stands for, whose name is its path; undefined where there is none. */
export async function sharedFile(folders: PageFolders, path: string): Promise<PageFile | undefined> {
  for (const each of candidates(path)) {
    if (!isScript(each) && !each.endsWith(".json")) continue;
    const file = await PageFile.find(folders.root, pathOf(folders, each), each);
    if (file instanceof PageFile) return file;
  }
  return undefined;
}

/** Returns where a file is by its path in the application's folder, in `public/` or `lib/`. */
function pathOf({ pages, lib = "" }: PageFolders, path: string): string {
  const [folder, ...names] = path.split("/");
  return join(folder === PUBLIC ? pages : lib, ...names);
}
