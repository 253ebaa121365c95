import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HotroomError } from "../../core/errors.ts";
import type { SourceFiles, SourceListing, SourceText } from "../../core/view/source_files.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { invitationIn } from "./invitation.ts";
import { locate, readBelow } from "./located_files.ts";

/** Files that are listed of one application, and bytes of one that is read. */
const MAX_FILES = 1000;
const MAX_BYTES = 1024 * 1024;

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
    const invited = await invitationIn(place, files);
    return {
      files: files.map(({ path, bytes }) => ({ path, bytes })),
      isWritable,
      ...(invited && { invitation: { path: invited.path, line: invited.line } }),
    };
  }

  async read(application: string, path: string): Promise<SourceText> {
    const { root, absolute } = await this.#find(application, path);
    const { bytes } = await readBelow(root, { absolute, path }, MAX_BYTES);
    return { path, text: textOf(bytes, path), tag: tagOf(bytes) };
  }

  write(application: string, file: SourceText): Promise<string> {
    const task = this.#written.then(() => this.#write(application, file));
    this.#written = task.catch(() => undefined);
    return task;
  }

  async #write(application: string, { path, text, tag }: SourceText): Promise<string> {
    const { root, absolute } = await this.#find(application, path);
    const { bytes: before, place } = await readBelow(root, { absolute, path }, MAX_BYTES);
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
