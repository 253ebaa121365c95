import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isAlmostScript, isHidden, PUBLIC } from "../find/file_names.ts";

/** Files that are told of. */
const MOST_TOLD = 20;

/**
 * Resolves with the paths in an extensions folder, the first ones by name, of files that lie where an application, its extension or
 * a room type would, and are none because of how their names end, as `game/rooms/match.mts`. Links are not followed; never rejects.
 */
export async function strayScripts(extensions: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(extensions)) {
    if (found.length >= MOST_TOLD) break;
    if (entry.isFile() && isAlmostScript(entry.name)) found.push(entry.name);
    if (!entry.isDirectory() || entry.name.endsWith(`.${PUBLIC}`)) continue;
    const own = await filesOf(extensions, entry.name);
    const rooms = await filesOf(extensions, `${entry.name}/rooms`);
    found.push(...own.filter((path) => /\/app\.[^/.]+$/.test(path)), ...rooms);
  }
  return found.slice(0, MOST_TOLD);
}

async function filesOf(extensions: string, folder: string): Promise<string[]> {
  const entries = await entriesOf(join(extensions, folder));
  const files = entries.filter((each) => each.isFile() && isAlmostScript(each.name));
  return files.map(({ name }) => `${folder}/${name}`);
}

/** Resolves with what is in a folder, by name; nothing where it can't be read. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter(({ name }) => !isHidden(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}
