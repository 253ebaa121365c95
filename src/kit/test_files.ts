import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../core/errors.ts";
import { isTestFile } from "../core/module_resolution.ts";
import type { FoundApplication } from "../source/find/found_application.ts";

/** Files of tests that one application may have, and folders that are looked into. */
const MOST_FILES = 500;
const MOST_FOLDERS = 1000;
/** Folders in one another. */
const MOST_DEPTH = 16;
/** Bytes of one file. */
const MOST_BYTES = 1024 * 1024;

/** A file of tests. */
export interface TestFile {
  /** As the application has its files: its path in the folder, or its name beside an application in one file. */
  readonly path: string;
  readonly absolute: string;
}

/** Resolves with an application's files of tests, sorted: any in its folder, or the one beside its one file. Links are not followed. */
export async function testFilesOf(folder: string, { name, oneFile }: FoundApplication): Promise<TestFile[]> {
  const found: TestFile[] = [];
  if (!oneFile) await walk(join(folder, name), "", found, { folders: 0 }, 0);
  else {
    for (const path of [`${name}.test.js`, `${name}.test.ts`]) {
      const absolute = join(folder, path);
      const stats = await stat(absolute).catch(() => undefined);
      if (stats?.isFile()) found.push({ path, absolute });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(
  folder: string,
  prefix: string,
  found: TestFile[],
  count: { folders: number },
  depth: number,
): Promise<void> {
  if (++count.folders > MOST_FOLDERS || depth > MOST_DEPTH) return;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const absolute = join(folder, entry.name);
    const path = prefix + entry.name;
    // Tests of pages are not for the sandbox.
    if (entry.name.startsWith(".") || entry.name === "node_modules" || path === "public") continue;
    if (entry.isDirectory()) await walk(absolute, `${path}/`, found, count, depth + 1);
    else if (entry.isFile() && isTestFile(entry.name) && found.length < MOST_FILES)
      found.push({ path, absolute });
  }
}

/** Resolves with the text of a file of tests. Rejects with BuildError where it is too large or no text. */
export async function readTestFile({ path, absolute }: TestFile): Promise<string> {
  const { size } = await stat(absolute);
  if (size > MOST_BYTES) throw new BuildError(`${path} is too large: ${size} bytes of ${MOST_BYTES}.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(absolute));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new BuildError(`Cannot read ${path}: it is not UTF-8 text.`);
  }
}
