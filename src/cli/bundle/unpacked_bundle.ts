import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../core/errors.ts";
import { isExecutable } from "../../process/executable.ts";
import { archiveOf, unpack } from "./archive.ts";

/** What the name of such a folder begins with; the pid of its server follows. */
const PREFIX = "hotroom-bundle-";

/**
 * Unpacks the applications that this executable carries into a folder of their own, which goes with this process; resolves with its
 * path, or undefined where there are none. Rejects where it can't be written.
 */
export async function unpackedBundle(): Promise<string | undefined> {
  const archive = isExecutable() ? await archiveOf(process.execPath) : undefined;
  if (!archive) return undefined;
  const parent = tmpdir();
  removeLeftOver(parent);
  try {
    const folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    await unpack(archive, folder);
    return folder;
  } catch (error) {
    throw new Error(
      `Cannot unpack the applications of this executable into ${parent} (TMPDIR names another folder): ${messageOf(error)}`,
    );
  }
}

/** Removes the folders of servers of this user that were killed. */
function removeLeftOver(parent: string): void {
  const uid = process.getuid?.();
  for (const name of readdirSync(parent)) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d{1,10})-`).exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    try {
      const folder = join(parent, name);
      if (uid === undefined || lstatSync(folder).uid === uid)
        rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another server that starts has removed it, or it is somebody else's.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
