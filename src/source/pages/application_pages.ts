import { join } from "node:path";
import type { BuildError } from "../../core/errors.ts";
import type { Page, Pages } from "../../core/view/pages.ts";
import { PUBLIC } from "../find/file_names.ts";
import { deadImports, deadScripts } from "./own_imports.ts";
import { PageFile } from "./page_file.ts";
import { type ApplicationPlace, pageFiles, pageFolders, type PageFolders } from "./page_folders.ts";
import { isPageModule } from "./page_imports.ts";
import { type PageModules, pageOf } from "./page_modules.ts";
import { sharedFile, SharedModuleSearch } from "./shared_module_search.ts";

/** Names and characters of a path that is looked for. */
const MAX_NAMES = 32;
const MAX_CHARACTERS = 1024;

/** Documents that are looked into for an import map, and bytes of one. */
const MAX_DOCUMENTS = 100;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** What a name in a path may not have: on some system it means another place. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const meaningful = /[\u0000-\u001f\u007f/\\:]/;

/** The pages of all applications, as their folders are at each moment. */
export class ApplicationPages implements Pages {
  readonly #search: SharedModuleSearch;

  constructor(
    /** Where the application of a name lies; undefined where it is no files. */
    private readonly placeOf: (application: string) => ApplicationPlace | undefined,
    private readonly modules: PageModules,
  ) {
    this.#search = new SharedModuleSearch(modules);
  }

  async find(application: string, path: readonly string[]): Promise<Page | "folder" | undefined> {
    const names = path.at(-1) === "" ? [...path.slice(0, -1), "index.html"] : path;
    if (!mayBeShown(names)) return undefined;
    const folders = await this.#folders(application);
    if (!folders) return undefined;
    const shared = await this.#shared(application, folders, names);
    if (shared) return shared;
    const { root, pages } = folders;
    const name = names.at(-1) as string;
    const file = await PageFile.find(root, join(pages, ...names), name);
    if (file === "folder") {
      const index = await PageFile.find(root, join(pages, ...names, "index.html"), "index.html");
      return index instanceof PageFile ? "folder" : undefined;
    }
    return file && this.#served(application, folders, `${PUBLIC}/${names.join("/")}`, file);
  }

  /**
   * Resolves with what is wrong with an application's pages; undefined where it has none. Parses all of their modules. Where its script
   * answers what pages do not, they may import what is no file.
   */
  async problems(application: string, scriptAnswers = false): Promise<readonly BuildError[] | undefined> {
    const folders = await this.#folders(application);
    if (!folders) return undefined;
    const { errors } = await this.#search.of(application, folders);
    if (scriptAnswers) return errors;
    return [...errors, ...(await deadImports(application, folders, this.modules))];
  }

  /**
   * Resolves with what its pages import by names that no import map can lead anywhere, since no page has one, and with scripts of its
   * documents that are no files; `scriptAnswers` as above.
   */
  async warnings(application: string, scriptAnswers = false): Promise<readonly BuildError[]> {
    const folders = await this.#folders(application);
    if (!folders) return [];
    const { named } = await this.#search.of(application, folders);
    const dead = scriptAnswers ? [] : await deadScripts(application, folders);
    return named.length > 0 && (await hasImportMap(folders)) ? dead : [...named, ...dead];
  }

  async #folders(application: string): Promise<PageFolders | undefined> {
    const place = this.placeOf(application);
    return place && (await pageFolders(place.folder, place.name));
  }

  /** Resolves with a file of `lib/`, where pages import it. */
  async #shared(
    application: string,
    folders: PageFolders,
    names: readonly string[],
  ): Promise<Page | undefined> {
    if (folders.lib === undefined || names[0] !== "lib") return undefined;
    const file = await sharedFile(folders, names.join("/"));
    if (!file) return undefined;
    const { files } = await this.#search.of(application, folders);
    return files.has(file.name) ? this.#served(application, folders, file.name, file) : undefined;
  }

  async #served(
    application: string,
    folders: PageFolders,
    path: string,
    file: PageFile,
  ): Promise<Page | undefined> {
    if (!isPageModule(path)) return file;
    const { code } = await this.modules.of({ application, folders, path }, file);
    return code === undefined ? file : pageOf(file.name, code);
  }
}

/** Resolves with true if a page has an import map, or may have one: where there are too many, or too large ones, to look into. */
async function hasImportMap(folders: PageFolders): Promise<boolean> {
  const names = (await pageFiles(folders)).filter((name) => /\.html?$/.test(name));
  if (names.length > MAX_DOCUMENTS) return true;
  for (const name of names) {
    const file = await PageFile.find(folders.root, join(folders.pages, name), name);
    if (!(file instanceof PageFile)) continue;
    if (file.size > MAX_DOCUMENT_BYTES) return true;
    if (new TextDecoder().decode(await file.bytes()).includes("importmap")) return true;
  }
  return false;
}

function mayBeShown(names: readonly string[]): boolean {
  if (names.length > MAX_NAMES || names.reduce((sum, { length }) => sum + length + 1, 0) > MAX_CHARACTERS)
    return false;
  return names.every((name) => name !== "" && !name.startsWith(".") && !meaningful.test(name));
}
