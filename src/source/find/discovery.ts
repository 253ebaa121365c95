import type { Dirent } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { ApplicationWalk } from "./application_walk.ts";
import { CrowdedFolders } from "./crowded_folders.ts";
import { BESIDE, isHidden, isScript, stem } from "./file_names.ts";
import type { FoundApplication } from "./found_application.ts";
import { layoutError, nameError } from "./layout.ts";

/** Applications of one folder; with more it is a folder of something else. */
const MAX_APPLICATIONS = 5000;
/**
 * Resolves with the applications of an extensions folder, sorted by name, without reading a file. What is wrong with one is
 * its `error` and hurts no other; `crowded` is the same for each look at one folder, `only` the name of the one entry that is looked
 * at. Rejects with the file system's error where the folder itself can't be read.
 */
export async function discover(
  folder: string,
  crowded = new CrowdedFolders(),
  only?: string,
): Promise<FoundApplication[]> {
  const root = await realpath(folder);
  const found = new Map<string, FoundApplication[]>();
  const entries = await readdir(root, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      if (only === undefined ? isHidden(entry.name) : entry.name !== only) return;
      const application = await examine(new ApplicationWalk(root, crowded), root, entry);
      if (application) found.set(application.name, [...(found.get(application.name) ?? []), application]);
    }),
  );
  const all = [...found.values()].map(single).sort((a, b) => (a.name < b.name ? -1 : 1));
  return all.map((each, at) => (at < MAX_APPLICATIONS ? each : { ...each, error: each.error ?? surplus() }));
}

/** Resolves with the application of that name, in a folder or a file of its own; undefined where there is none. Rejects as `discover`. */
export async function discoverOne(folder: string, name: string): Promise<FoundApplication | undefined> {
  for (const entry of [name, `${name}.ts`, `${name}.js`]) {
    const [found] = await discover(folder, new CrowdedFolders(), entry);
    if (found) return found;
  }
  return undefined;
}

function surplus(): BuildError {
  return new BuildError(
    `There are more than ${MAX_APPLICATIONS} applications; the first ones by name are taken.`,
  );
}

/** Returns the one application of a name, or an error in place of several: none of them gets it. */
function single(claims: FoundApplication[]): FoundApplication {
  const [first, second] = claims;
  if (!first) throw new RangeError("Cannot choose from no application.");
  if (!second) return first;
  const names = claims.map((each) => (each.oneFile ? each.files[0]?.path : `${each.name}/`)).sort();
  const files = claims.flatMap((each) => each.files);
  const message = `There are two applications named "${first.name}": ${names.join(" and ")}. Rename or remove one.`;
  const touched = Math.max(...claims.map((each) => each.touched));
  return { name: first.name, oneFile: false, files, touched, error: new BuildError(message) };
}

async function examine(
  walk: ApplicationWalk,
  root: string,
  entry: Dirent,
): Promise<FoundApplication | undefined> {
  const kind = await walk.kind(join(root, entry.name), entry, entry.name);
  // The pages of an application in one file, which may be about to come or go.
  if (kind === "folder" && entry.name.endsWith(BESIDE)) return undefined;
  if (kind === "folder") return await examineFolder(walk, root, entry.name);
  if (kind === undefined && walk.error && !isScript(entry.name)) {
    return walk.result(entry.name, false, walk.error);
  }
  if (!isScript(entry.name)) return undefined;
  const name = stem(entry.name);
  if (kind === "file") await walk.add(join(root, entry.name), entry.name);
  else if (!walk.error) return undefined;
  const error = walk.error ?? nameError(name, entry.name, "application");
  return walk.result(name, true, error);
}

async function examineFolder(
  walk: ApplicationWalk,
  root: string,
  name: string,
): Promise<FoundApplication | undefined> {
  await walk.folder(join(root, name), "", 0);
  const files = walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const scripts = files.map((file) => file.path).filter(isScript);
  const isEmpty = scripts.length === 0 && !files.some((file) => file.path === "hotroom.json");
  if (isEmpty && !walk.hasPages) {
    // A link that leads out may be all there is of it: say so instead of ignoring the folder.
    return walk.error && walk.result(name, false, walk.error);
  }
  const error = walk.error ?? layoutError(name, scripts, walk.hasPages);
  return walk.result(name, false, error);
}
