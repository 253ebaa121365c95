import { join } from "node:path";
import { HotroomError } from "../../core/errors.ts";
import type { SourceFile } from "../../core/view/source_files.ts";
import { type ApplicationPlace, pageFiles, pageFolders } from "../pages/page_folders.ts";
import { discoverOne } from "../find/discovery.ts";
import { PUBLIC } from "../find/file_names.ts";
import { openBelow } from "../read/opened_file.ts";

/** Pages that are texts, by the ends of their names. */
const texts = /\.(?:html|css|js|mjs|ts|json|txt|md|svg)$/;

/** A file that was found, and where it is. */
export interface Located extends SourceFile {
  readonly absolute: string;
}

/** Resolves with the files of an application: its sources, then the texts of its pages; undefined where there are none. */
export async function locate({ folder, name }: ApplicationPlace): Promise<Located[] | undefined> {
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

/** Resolves with a file's bytes, at most `most`, and where it is behind all links. Rejects with HotroomError: `file_not_found`, `too_large`. */
export async function readBelow(
  root: string,
  { absolute, path }: Pick<Located, "absolute" | "path">,
  most: number,
): Promise<{ bytes: Uint8Array; place: string }> {
  const gone = () => new HotroomError("file_not_found", `Cannot read ${path}: it is gone.`);
  const { file, place } = await openBelow(root, absolute).catch(() => Promise.reject(gone()));
  try {
    const { size } = await file.stat();
    if (size > most)
      throw new HotroomError("too_large", `Cannot read ${path}: it has more than ${most} bytes.`);
    return { bytes: await file.readFile(), place };
  } finally {
    await file.close();
  }
}
