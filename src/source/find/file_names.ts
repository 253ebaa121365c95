/** What the names of files and folders say of them. */

/** Name of the pages' folder in an application's own. */
export const PUBLIC = "public";
/** What the name of the folder ends with that has the pages of an application in one file. */
export const BESIDE = ".public";

/** Returns true for hidden files and folders, editors' drafts among them, and for packages. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/**
 * Returns true if a change of this path can't be one of an application. Hidden names that start with two dots can: mounted
 * volumes keep what their links lead to in `..data`.
 */
export function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => isHidden(part) && !part.startsWith(".."));
}

/** Returns true for what may be a module, by its name: neither declarations nor tests, ours or those of other runners. */
export function isScript(name: string): boolean {
  return /\.[jt]s$/.test(name) && !/\.(d|test|spec)\.[jt]s$/.test(name);
}

/** Returns true for what is no script because of how its name ends, though other tools take it for one. */
export function isAlmostScript(name: string): boolean {
  return /\.(?:[cm][jt]s|[jt]sx)$/.test(name) && !/\.(d|test|spec)\.[cm]?[jt]sx?$/.test(name);
}

/** Returns true for what is read of an application, by its name. */
export function isSource(name: string): boolean {
  return isScript(name) || name.endsWith(".json");
}

/** Returns the name of a script without its ending. */
export function stem(name: string): string {
  return name.replace(/\.[jt]s$/, "");
}
