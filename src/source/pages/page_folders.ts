import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { isFileName } from "../../protocol/names.ts";
import { BESIDE, isHidden, PUBLIC } from "../find/file_names.ts";

/** Files and folders of an application's pages that are looked through for what they import, and for edits. */
const MAX_ENTRIES = 5000;
/** Folders in one another that are. */
const MAX_DEPTH = 16;

/** Where the pages of one application are. */
export interface PageFolders {
  /** The extensions folder, behind links; nothing outside of it is shown. */
  readonly root: string;
  readonly pages: string;
  /** What the application's author calls that folder: `chat/public` or `chat.public`. */
  readonly shown: string;
  /** The folder whose modules pages may import; an application in one file has none. */
  readonly lib?: string;
}

/** Where an application lies: in which folder, and what its own folder, or its file without the ending, is called there. */
export interface ApplicationPlace {
  readonly folder: string;
  readonly name: string;
}

/** Resolves with where the pages of an application are, in the extensions folder; undefined where it has none. */
export async function pageFolders(extensions: string, application: string): Promise<PageFolders | undefined> {
  if (!isFileName(application)) return undefined;
  const root = await realpath(extensions).catch(() => undefined);
  if (root === undefined) return undefined;
  const own = join(root, application, PUBLIC);
  if ((await kindOf(own)) === "folder")
    return {
      root,
      pages: own,
      shown: `${application}/${PUBLIC}`,
      lib: join(root, application, "lib"),
    };
  const beside = join(root, application + BESIDE);
  if ((await kindOf(beside)) !== "folder") return undefined;
  const scripts = await Promise.all([".ts", ".js"].map((ending) => kindOf(join(root, application + ending))));
  return scripts.includes("file") ? { root, pages: beside, shown: application + BESIDE } : undefined;
}

/** Resolves with the folders that look as the pages of an application in one file and are nobody's, by name; empty where none can be read. */
export async function strayFolders(extensions: string): Promise<string[]> {
  const names = await readdir(extensions).catch(() => []);
  const beside = names.filter((name) => name.endsWith(BESIDE) && !isHidden(name)).sort();
  const stray = await Promise.all(
    beside.map(async (name) => {
      const folders = await pageFolders(extensions, name.slice(0, -BESIDE.length));
      return folders?.shown === name ? [] : [name];
    }),
  );
  return stray.flat();
}

/** What is in a folder of pages. */
export interface PageListing {
  /** Paths with `/`, in no certain order; none is hidden. */
  readonly files: string[];
  /** True where there is more in the folder than is looked through: which of its files these are may change from listing to listing. */
  readonly isCut: boolean;
}

/** A folder that is to be looked through, and those that it lies in, behind links. */
interface WaitingFolder {
  readonly path: string;
  readonly around: readonly string[];
}

/** Resolves with the paths of the files in a folder of pages, the first ones of many. Never rejects. */
export async function pageFiles(folders: Pick<PageFolders, "root" | "pages">): Promise<string[]> {
  return (await listPages(folders)).files;
}

/** Resolves with what is in a folder of pages. Never rejects. */
export async function listPages({ root, pages }: Pick<PageFolders, "root" | "pages">): Promise<PageListing> {
  const files: string[] = [];
  const folders: WaitingFolder[] = [{ path: "", around: [] }];
  let count = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const { path } = folder;
    const real = await realpath(join(pages, path)).catch(() => undefined);
    // A link to a folder that it lies in would have all of it again, and again in there.
    if (real === undefined || !real.startsWith(root + sep) || folder.around.includes(real)) continue;
    const around = [...folder.around, real];
    for (const entry of await entriesOf(real)) {
      if (++count > MAX_ENTRIES) return { files, isCut: true };
      if (isHidden(entry.name)) continue;
      const inner = path + entry.name;
      const kind = entry.isSymbolicLink() ? await kindOf(join(pages, inner)) : kindOfEntry(entry);
      if (kind === "file") files.push(inner);
      else if (kind === "folder" && around.length <= MAX_DEPTH) folders.push({ path: `${inner}/`, around });
    }
  }
  return { files, isCut: false };
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return []; // It has gone meanwhile, or may not be read.
  }
}

function kindOfEntry(entry: Dirent): "file" | "folder" | undefined {
  return entry.isDirectory() ? "folder" : entry.isFile() ? "file" : undefined;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ? "folder" : stats?.isFile() ? "file" : undefined;
}
