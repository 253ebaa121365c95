/** Where the imports of a version lead: to `hotroom`, to `valibot`, and to files of the same version. */

/**
 * Prefix of the names of the prelude's own modules, which scripts can't import: paths of an application's files are
 * relative, so none starts with it, whatever a file is called.
 */
export const INTERNAL = "/hotroom/";

/** Name of the module that imports a version's extension and room types. */
export const ENTRY = `${INTERNAL}entry`;

/**
 * Full name of what `specifier` means in the module `base`. Throws an Error that says what can be imported; `has` tells
 * which files there are.
 */
export function resolveImport(base: string, specifier: string, has: (path: string) => boolean): string {
  if (base === ENTRY) return specifier;
  if (specifier === "valibot") return specifier;
  if (base.startsWith(INTERNAL)) return INTERNAL + specifier.replace("./", "");
  if (specifier === "hotroom") return `${INTERNAL}hotroom.js`;
  if (!/^\.\.?\//.test(specifier)) {
    const allowed = `only "hotroom", "valibot" and files of the application can be imported`;
    throw new Error(`Cannot import ${JSON.stringify(specifier)}: ${allowed}.`);
  }
  const path = join(base, specifier);
  if (path === undefined) {
    throw new Error(`Cannot import ${JSON.stringify(specifier)}: it is outside of the application's folder.`);
  }
  const found = candidates(path).find(has);
  if (found === undefined)
    throw new Error(`Cannot import ${JSON.stringify(specifier)}: there is no file ${path}.`);
  return found;
}

/** The path that a relative specifier means in a file; undefined where it climbs out of the folder. */
function join(base: string, specifier: string): string | undefined {
  const parts = base.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** The file itself, TypeScript that is imported by its later name, and names without an ending. */
function candidates(path: string): string[] {
  const typed = path.endsWith(".js") ? [`${path.slice(0, -3)}.ts`] : [];
  return [path, ...typed, `${path}.ts`, `${path}.js`];
}
