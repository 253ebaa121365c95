import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import process from "node:process";
import { sep } from "node:path";

/** A file that is open, and where that one is behind all links. */
export interface OpenedFile {
  readonly file: FileHandle;
  readonly place: string;
}

/**
 * Opens a file that must lie below `root` behind all links, also where a folder on its way has become a link since it was looked at.
 * Rejects with an Error, whose `code` is ENOENT where it lies elsewhere, or with the file system's.
 */
export async function openBelow(root: string, path: string): Promise<OpenedFile> {
  // It may have become a pipe, which would be waited for.
  const { O_RDONLY, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    const place = await placeOf(file, path);
    if (place.startsWith(root + sep)) return { file, place };
    throw Object.assign(new Error(`Cannot open ${path}: it leads elsewhere now.`), { code: "ENOENT" });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Resolves with the path of a file that is open: Linux knows that of the file itself, elsewhere it is looked up again. */
async function placeOf({ fd }: FileHandle, path: string): Promise<string> {
  if (process.platform !== "linux") return await realpath(path);
  return await readlink(`/proc/self/fd/${fd}`).catch(() => realpath(path));
}
