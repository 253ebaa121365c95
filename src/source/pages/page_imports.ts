import { pathFrom } from "../../core/module_resolution.ts";
import type { ModuleImport, ModuleReport } from "../compile/module_report.ts";
import { PUBLIC } from "../find/file_names.ts";

/** What a page's module imports of its application's `lib/`. */
export interface PageImports {
  /** Paths below `lib/`, as they are written. */
  readonly shared: readonly string[];
  /** The first import that a page can't have, and why. */
  readonly fault?: { readonly at: ModuleImport; readonly message: string };
  /** The first import by a name, as of a package: a browser finds it by an import map, or not at all. */
  readonly named?: ModuleImport;
}

const LIB = "lib/";
const isIn = (folder: string, path: string) => path.startsWith(folder);

/** Returns true for what browsers run as a module, by its name. */
export function isPageModule(name: string): boolean {
  return /\.(ts|m?js)$/.test(name) && !name.endsWith(".d.ts");
}

/** Finds what a module of pages imports; `file` is its path in the application's folder, with `public/` for each kind of it. */
export function pageImports(file: string, { imports }: ModuleReport, hasLib: boolean): PageImports {
  const shared: string[] = [];
  const named = imports.find(({ specifier }) => isName(specifier));
  for (const each of imports) {
    if (!isRelative(each.specifier)) continue;
    const path = pathFrom(file, each.specifier);
    if (path !== undefined && isIn(`${PUBLIC}/`, file) && isIn(`${PUBLIC}/`, path)) continue;
    if (path !== undefined && isIn(LIB, path) && hasLib) shared.push(path);
    else return { shared, fault: { at: each, message: refusalOf(each.specifier, file, hasLib) } };
  }
  return { shared, ...(named && { named }) };
}

/** Returns a page's code with its imports out of `public/` led to where they are served. */
export function rewritten(application: string, file: string, { code, imports }: ModuleReport): string {
  if (!isIn(`${PUBLIC}/`, file)) return code;
  let done = "";
  let end = 0;
  for (const { specifier, span } of imports) {
    const path = isRelative(specifier) ? pathFrom(file, specifier) : undefined;
    if (!span || path === undefined || !isIn(LIB, path)) continue;
    const address = ["", "apps", application, ...path.split("/")].map(encodeURIComponent).join("/");
    done += code.slice(end, span[0]) + JSON.stringify(address);
    end = span[1];
  }
  return done + code.slice(end);
}

function isRelative(specifier: string): boolean {
  return /^\.\.?\//.test(specifier);
}

/** Returns true for what is no address, neither in full nor from this server or module on. */
function isName(specifier: string): boolean {
  if (isRelative(specifier) || specifier.startsWith("/")) return false;
  return !URL.canParse(specifier) || specifier.startsWith("node:");
}

function refusalOf(specifier: string, file: string, hasLib: boolean): string {
  const cannot = `Cannot import ${JSON.stringify(specifier)}`;
  if (!hasLib)
    return `${cannot}: the pages of an application in one file have no other files than their own. "hotroom grow" makes a folder of it, whose lib/ they may import.`;
  if (isIn(LIB, file)) return `${cannot}: a page imports this file, and it is shown nothing else than lib/.`;
  return `${cannot}: pages are shown public/ and lib/ only. A type is imported with "import type".`;
}
