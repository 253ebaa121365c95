/** Names of the modules in a sandbox: files of a version by their paths, built-in modules by names that no path has. */
import { resolveModule } from "../../../core/module_resolution.ts";

/**
 * Prefix of the names of the prelude's own modules, which scripts can't import: paths of an application's files are
 * relative, so none starts with it, whatever a file is called.
 */
export const INTERNAL_PREFIX = "/hotroom/";

/** Names of the prelude's modules that can be imported, by what imports call them. */
const builtInNames: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  hotroom: `${INTERNAL_PREFIX}hotroom.js`,
  "hotroom/test": `${INTERNAL_PREFIX}test_kit.js`,
});

/** Name of the module that imports a version's extension and room types. */
export const ENTRY_MODULE = `${INTERNAL_PREFIX}entry`;

/**
 * Returns the name of the module that `specifier` means in the module `base`. Throws an Error that tells a script's author
 * why it can't be imported. `has` returns true if the version has a file of that path.
 */
export function resolveImport(base: string, specifier: string, has: (path: string) => boolean): string {
  // Written by the host, and by the prelude: names of modules and of files beside the importing one.
  if (base === ENTRY_MODULE) return specifier;
  if (base.startsWith(INTERNAL_PREFIX) && specifier !== "valibot") {
    return INTERNAL_PREFIX + specifier.replace("./", "");
  }
  const found = resolveModule(specifier, base, has);
  if ("error" in found) throw new Error(found.error);
  return builtInNames[found.path] ?? found.path;
}

/** Returns what imports call one of the prelude's modules that can be imported; undefined for any other. */
export function nameOfBuiltIn(name: string): string | undefined {
  return Object.keys(builtInNames).find((each) => builtInNames[each] === name);
}
