import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { HotroomError } from "../../core/errors.ts";
import { OneByOne } from "../../core/limit/one_by_one.ts";
import type { Files, FileText, FileView } from "../../core/view/files.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { type FileRoot, isFilePath, isShown, locate, missing, rootOf } from "./file_path.ts";

/** Bytes of a file that is shown or written. */
export const MOST_FILE_BYTES = 1024 * 1024;
/** Files that are listed, and folders that are looked into. */
const MOST_FILES = 1_000;
const MOST_FOLDERS = 1_000;

/** The files of applications on the disk. */
export class ApplicationFiles implements Files {
  /** Who writes looks first, and nobody else writes meanwhile. */
  readonly #writes = new OneByOne(() => {});

  /** `placeOf` returns where the files of an application lie. */
  constructor(private readonly placeOf: (application: string) => ApplicationPlace | undefined) {}

  async list(application: string): Promise<{ files: readonly FileView[]; more: boolean }> {
    const root = await rootOf(application, this.placeOf(application));
    const files: FileView[] = [];
    const folders = [""];
    let looked = 0;
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (++looked > MOST_FOLDERS) break;
      for (const entry of await readdir(join(root.folder, folder), { withFileTypes: true })) {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory() && isShown(entry.name) && root.only === undefined) folders.push(path);
        if (!entry.isFile() || !isFilePath(root, path)) continue;
        if (files.length === MOST_FILES) return { files: sorted(files), more: true };
        files.push({ path, bytes: (await stat(join(root.folder, path))).size });
      }
    }
    return { files: sorted(files), more: folders.length > 0 };
  }

  async read(application: string, path: string): Promise<FileText> {
    const root = await rootOf(application, this.placeOf(application));
    const file = await readText(await locate(root, path, false));
    if (file === undefined) throw missing(path);
    return file;
  }

  async write(application: string, path: string, text: string, known: string | null): Promise<string> {
    // Only what is an application has a turn.
    await rootOf(application, this.placeOf(application));
    return new Promise((resolve, reject) => {
      void this.#writes.add(application, () =>
        this.#write(application, path, text, known).then(resolve, reject),
      );
    });
  }

  async #write(application: string, path: string, text: string, known: string | null): Promise<string> {
    if (Buffer.byteLength(text) > MOST_FILE_BYTES) throw tooLarge();
    const root: FileRoot = await rootOf(application, this.placeOf(application));
    const file = await locate(root, path, true);
    const before = await readText(file);
    if ((before?.tag ?? null) !== known) {
      const what = before ? "it has another content" : "it is not there";
      throw new HotroomError("file_changed", `Cannot write ${JSON.stringify(path)}: ${what}.`);
    }
    // Hidden, so that nobody takes half of it for a file; then it takes the place of the other at once.
    const draft = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString("hex")}`);
    try {
      await writeFile(draft, text, { flag: "wx" });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return tagOf(text);
  }
}

/** Resolves with what a file holds, undefined where there is none. Rejects with HotroomError `too_large`. */
async function readText(file: string): Promise<FileText | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  if (found.size > MOST_FILE_BYTES) throw tooLarge();
  const text = await readFile(file, "utf8");
  return { text, tag: tagOf(text) };
}

function tagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}

function tooLarge(): HotroomError {
  return new HotroomError("too_large", `Cannot use the file: it has more than ${MOST_FILE_BYTES} bytes.`);
}

function sorted(files: FileView[]): FileView[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
