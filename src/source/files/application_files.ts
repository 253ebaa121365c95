import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HotroomError } from "../../core/errors.ts";
import type { SourceFile, SourceFiles, SourceListing, SourceText } from "../../core/view/source_files.ts";
import { type ApplicationPlace, pageFiles, pageFolders } from "../pages/page_folders.ts";
import { discoverOne, PUBLIC } from "../read/discovery.ts";
import { openBelow } from "../read/opened_file.ts";

/** Files that are listed of one application, and bytes of one that is read. */
const MAX_FILES = 1000;
const MAX_BYTES = 1024 * 1024;
/** Pages that are texts, by the ends of their names. */
const texts = /\.(?:html|css|js|mjs|ts|json|txt|md|svg)$/;

/** A file that was found, and where it is. */
interface Located extends SourceFile {
  readonly absolute: string;
}

/** The files of applications, as their folders are at each moment. */
export class ApplicationFiles implements SourceFiles {
  /** The last write: one after another, so that what is compared is what is replaced. */
  #written: Promise<unknown> = Promise.resolve();

  /** `placeOf` returns where an application lies; undefined where it is no files. */
  constructor(private readonly placeOf: (application: string) => ApplicationPlace | undefined) {}

  async list(application: string): Promise<SourceListing | undefined> {
    const place = this.placeOf(application);
    const found = place && (await locate(place));
    if (!found) return undefined;
    const files = found.slice(0, MAX_FILES);
    const [first] = files;
    const isWritable = first !== undefined && (await mayWrite(first.absolute));
    return { files: files.map(({ path, bytes }) => ({ path, bytes })), isWritable };
  }

  async read(application: string, path: string): Promise<SourceText> {
    const { root, absolute } = await this.#find(application, path);
    const { bytes } = await readBelow(root, absolute, path);
    return { path, text: textOf(bytes, path), tag: tagOf(bytes) };
  }

  write(application: string, file: SourceText): Promise<string> {
    const task = this.#written.then(() => this.#write(application, file));
    this.#written = task.catch(() => undefined);
    return task;
  }

  async #write(application: string, { path, text, tag }: SourceText): Promise<string> {
    const { root, absolute } = await this.#find(application, path);
    const { bytes: before, place } = await readBelow(root, absolute, path);
    if (tagOf(before) !== tag)
      throw new HotroomError("file_changed", `Cannot save ${path}: it has changed on the disk meanwhile.`);
    const bytes = new TextEncoder().encode(text);
    try {
      await replace(place, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new HotroomError("not_writable", `Cannot save ${path}: the system says ${code}.`);
    }
    return tagOf(bytes);
  }

  /** Resolves with where a listed file is. Rejects with HotroomError `file_not_found`. */
  async #find(application: string, path: string): Promise<{ root: string; absolute: string }> {
    const place = this.placeOf(application);
    const found = place && (await locate(place))?.find((file) => file.path === path);
    if (found) return { root: await realpath(place.folder), absolute: found.absolute };
    throw new HotroomError("file_not_found", `"${application}" has no file ${JSON.stringify(path)}.`);
  }
}

/** Resolves with the files of an application: its sources, then the texts of its pages; undefined where there are none. */
async function locate({ folder, name }: ApplicationPlace): Promise<Located[] | undefined> {
  const found = await discoverOne(folder, name).catch(() => undefined);
  if (!found) return undefined;
  const sources = found.files.map(({ path, absolute, size }) => ({ path, absolute, bytes: size }));
  return [...sources, ...(await locatePages(folder, name))];
}

async function locatePages(folder: string, name: string): Promise<Located[]> {
  const folders = await pageFolders(folder, name);
  if (!folders) return [];
  const paths = (await pageFiles(folders)).filter((path) => texts.test(path)).sort();
  // Their size is told when they are read: it would be a question for each.
  return paths.map((path) => ({ path: `${PUBLIC}/${path}`, absolute: join(folders.pages, path), bytes: 0 }));
}

/** Resolves with a file's bytes, and where it is behind all links. */
async function readBelow(
  root: string,
  absolute: string,
  path: string,
): Promise<{ bytes: Uint8Array; place: string }> {
  const gone = () => new HotroomError("file_not_found", `Cannot read ${path}: it is gone.`);
  const { file, place } = await openBelow(root, absolute).catch(() => Promise.reject(gone()));
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES)
      throw new HotroomError("too_large", `Cannot read ${path}: it has more than ${MAX_BYTES} bytes.`);
    return { bytes: await file.readFile(), place };
  } finally {
    await file.close();
  }
}

/** Returns what a file says; one that is no UTF-8 would come back from an editor as another. */
function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new HotroomError("not_text", `Cannot read ${path}: it is no UTF-8.`);
  }
}

/**
 * Puts a file in the place of another, so that nobody ever reads half of it; its rights stay. Rejects where a folder on the way has become
 * a link since the place was told.
 */
async function replace(place: string, bytes: Uint8Array): Promise<void> {
  await access(place, constants.W_OK);
  // A hidden name: no application takes it for one of its files.
  const beside = join(dirname(place), `.hotroom-${randomBytes(6).toString("hex")}`);
  const old = await open(place, "r");
  try {
    const { mode } = await old.stat();
    const file = await open(beside, "wx", mode);
    try {
      if ((await realpath(beside)) !== beside) throw Object.assign(new Error(), { code: "ELOOP" });
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await chmod(beside, mode);
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await old.close();
  }
}

async function mayWrite(path: string): Promise<boolean> {
  return await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function tagOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
}
