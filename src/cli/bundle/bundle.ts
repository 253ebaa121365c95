import { constants, existsSync } from "node:fs";
import { chmod, copyFile, rename, rm, stat, truncate } from "node:fs/promises";
import { resolve } from "node:path";
import { counted } from "../../core/text/counted.ts";
import { megabytes } from "../../core/text/megabytes.ts";
import { printableLines } from "../../core/printable.ts";
import { isExecutable } from "../../process/executable.ts";
import { check } from "../check.ts";
import type { Config } from "../config.ts";
import { appendArchive, archiveOf } from "./archive.ts";
import { bundledPaths } from "./bundled_paths.ts";

/** What a bundle is made into, and of. */
export interface BundleOptions {
  readonly output: string;
  /** The executable of hotroom that it begins with; without it this one. */
  readonly executable?: string | undefined;
}

/**
 * Writes one executable with the applications of the folder inside, their pages and packages, where all of them load. Resolves with
 * the exit status; rejects where it can't be written. A file of that name is replaced when the new one is whole.
 */
export async function bundle(config: Config, { output, executable }: BundleOptions): Promise<number> {
  const source = executable ?? (isExecutable() ? process.execPath : undefined);
  if (source === undefined)
    throw new Error(
      'Cannot bundle: this is not the executable. Make it with "bun run compile", and name it: --executable build/hotroom',
    );
  const { extensions } = config;
  if (!existsSync(extensions)) throw new Error(`Cannot bundle ${extensions}: there is no such folder.`);
  if ((await check(config)) !== 0) {
    console.error("Nothing is bundled: not all applications load.");
    return 1;
  }
  const paths = await bundledPaths(extensions);
  const file = resolve(output);
  const unfinished = `${file}.unfinished-${process.pid}`;
  try {
    const carried = await archiveOf(source);
    await copyFile(source, unfinished, constants.COPYFILE_FICLONE);
    if (carried) await truncate(unfinished, carried.start);
    await appendArchive(unfinished, extensions, paths);
    await chmod(unfinished, 0o755);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  const { size } = await stat(file);
  console.log(printableLines(`${output}: ${counted(paths.length, "file")} bundled, ${megabytes(size)}`));
  return 0;
}
