import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Files and links that a bundle may have, and their bytes: more is a folder of something else. */
export const MAX_PATHS = 50_000;
export const MAX_BYTES = 512 * 1024 * 1024;
/** Says that there are more. */
export const TOO_MUCH = `more than ${MAX_PATHS} files, or ${MAX_BYTES / 1024 / 1024} MB`;

/**
 * Resolves with the paths of all that belongs to the applications of a folder, sorted: everything but hidden names, which
 * only packages may have. Rejects where a link leads out of the folder, or there is too much.
 */
export async function bundledPaths(folder: string): Promise<string[]> {
  const root = await realpath(folder);
  const paths: string[] = [];
  let bytes = 0;
  const look = async (path: string, inPackages: boolean) => {
    for (const name of (await readdir(join(root, path))).sort()) {
      if (name.startsWith(".") && !inPackages) continue;
      const own = path === "" ? name : `${path}/${name}`;
      const found = await lstat(join(root, own));
      if (found.isDirectory()) {
        await look(own, inPackages || name === "node_modules");
        continue;
      }
      if (found.isSymbolicLink()) {
        const target = await realpath(join(root, own)).catch(() => undefined);
        if (target === undefined || !isBelow(root, target))
          throw new Error(`Cannot bundle ${folder}: the link "${own}" leads out of it.`);
      } else if (!found.isFile()) continue;
      paths.push(own);
      bytes += found.size;
      if (paths.length > MAX_PATHS || bytes > MAX_BYTES)
        throw new Error(`Cannot bundle ${folder}: it has ${TOO_MUCH}.`);
    }
  };
  if (!(await stat(root)).isDirectory()) throw new Error(`Cannot bundle ${folder}: it is no folder.`);
  await look("", false);
  return paths;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`);
}
