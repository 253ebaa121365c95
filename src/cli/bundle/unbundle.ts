import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { printableLines } from "../../core/printable.ts";
import { archiveOf, unpack } from "./archive.ts";

/**
 * Writes the applications that an executable carries into a folder, to be edited there; prints what was made. Rejects, and leaves the
 * folder as it is, where it has one of these names already.
 */
export async function unbundle(folder: string, executable = process.execPath): Promise<void> {
  const archive = await archiveOf(executable);
  if (!archive) throw new Error(`Cannot unbundle: ${executable} carries no applications.`);
  const target = resolve(folder);
  mkdirSync(target, { recursive: true });
  // In the folder itself, so that each gets to its place in one step; hidden, so that no server takes it for an application.
  const work = mkdtempSync(join(target, ".unbundle-"));
  try {
    await unpack(archive, work);
    const names = readdirSync(work).sort();
    const taken = names.find((name) => existsSync(join(target, name)));
    if (taken !== undefined)
      throw new Error(`Cannot unbundle: ${join(folder, taken)} is there already, and may have been edited.`);
    for (const name of names) renameSync(join(work, name), join(target, name));
    console.log(printableLines(`Made in ${folder}: ${names.join(", ")}`));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
