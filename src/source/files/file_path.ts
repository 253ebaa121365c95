import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { HotroomError } from "../../core/errors.ts";
import { isFileName } from "../../protocol/names.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";

/** Where an application's files are, behind links; of one in one file, only what is called like it is its own. */
export interface FileRoot {
  readonly folder: string;
  readonly only?: string;
}

/** Names in one another of a path, and characters of it. */
const MOST_NAMES = 16;
const MOST_CHARACTERS = 256;
/** Text files: nothing else is shown or written. */
const isText = /\.(?:[jt]s|json|html|css|svg|md|txt)$/;
const isHidden = /^(?:\.|node_modules$)/;
/** What no name has: what separates names somewhere, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const isForeign = /[\\:*?"<>|\u0000-\u001f]/;

/** Resolves with where the files of an application are. Rejects with HotroomError `application_not_found`. */
export async function rootOf(application: string, place: ApplicationPlace | undefined): Promise<FileRoot> {
  if (place && isFileName(application)) {
    const folder = await realpath(place.folder).catch(() => undefined);
    const own = folder === undefined ? undefined : join(folder, place.name);
    if (own !== undefined && (await lstat(own).catch(() => undefined))?.isDirectory()) return { folder: own };
    for (const ending of [".ts", ".js"]) {
      const file = own === undefined ? undefined : await lstat(`${own}${ending}`).catch(() => undefined);
      if (folder !== undefined && file?.isFile()) return { folder, only: place.name };
    }
  }
  throw new HotroomError("application_not_found", `Application "${application}" has no files on the disk.`);
}

/** Returns true if a name in a folder may be shown, or entered. */
export function isShown(name: string): boolean {
  return !isHidden.test(name) && !isForeign.test(name);
}

/** Returns true if a path, inside the root, can be that of a text file of the application. */
export function isFilePath({ only }: FileRoot, path: string): boolean {
  const names = path.split("/");
  if (path.length > MOST_CHARACTERS || names.length > MOST_NAMES || !isText.test(path)) return false;
  if (names.some((name) => name === "" || !isShown(name))) return false;
  return only === undefined || (names.length === 1 && path.slice(0, path.indexOf(".")) === only);
}

/**
 * Resolves with where a file is, or would be: its folder, which is made where `isToBe`, is no link to elsewhere. Rejects with HotroomError:
 * `not_allowed`, `file_not_found`.
 */
export async function locate(root: FileRoot, path: string, isToBe: boolean): Promise<string> {
  const no = new HotroomError("not_allowed", `Cannot use the file ${JSON.stringify(path)}: it can't be one.`);
  if (!isFilePath(root, path)) throw no;
  const file = join(root.folder, ...path.split("/"));
  const folder = dirname(file);
  // Of what is there already nothing may be a link: else the folder would be made elsewhere.
  for (let each = folder; each !== root.folder; each = dirname(each)) {
    if ((await lstat(each).catch(() => undefined))?.isSymbolicLink()) throw no;
  }
  if (isToBe) await mkdir(folder, { recursive: true });
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) throw missing(path);
  const inside = relative(root.folder, real);
  if (inside.startsWith("..") || inside.startsWith(sep)) throw no;
  const found = await lstat(file).catch(() => undefined);
  if (found && !found.isFile()) throw no;
  return file;
}

/** Returns the error that a file is not there. */
export function missing(path: string): HotroomError {
  return new HotroomError("file_not_found", `There is no file ${JSON.stringify(path)}.`);
}
