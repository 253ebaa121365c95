import { realpath } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { builtInModules } from "../../core/module_resolution.ts";
import type { PackageImport } from "../../core/ports/build.ts";
import { lineAt } from "../../core/source_position.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { rootOf } from "../read/sources.ts";
import { PackageDisk } from "./package_disk.ts";
import { PackageResolver } from "./package_resolver.ts";

/** An import, and where it stands in its file, 1-based. */
interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly column: number;
}

/** What has to be known of a file that was compiled. */
export interface Importing {
  readonly source: string;
  readonly report: { readonly imports: readonly Import[]; readonly isCommonJs?: true };
}

/** What an application needs of packages. */
export interface PackageTree<Compiled> {
  /** Source files by path from the application's folder, `node_modules/dice/index.js` or `../node_modules/dice/index.js`. */
  readonly files: ReadonlyMap<string, Compiled>;
  readonly imports: readonly PackageImport[];
}

/** A file whose imports are still to be looked at. */
interface Importer<Compiled> {
  readonly path: string;
  /** Where it lies, behind links where it is a package's. */
  readonly absolute: string;
  readonly compiled: Compiled;
  readonly isOwn: boolean;
}

/** Imports of packages, and in them, that an application may have: each is looked for on the disk. */
const MAX_IMPORTS = 20_000;
/** Characters of an import in an error. */
const MAX_SHOWN = 500;

/** Returns true for what no package is asked for; `hotroom/test` is refused by its own rule where it can't be imported. */
const isBuiltIn = (specifier: string) => builtInModules.has(specifier) || specifier.startsWith("hotroom/");
/** Returns true for an import that is neither built in nor a path. */
export const isPackage = ({ specifier }: Import) => !isBuiltIn(specifier) && !/^\.\.?\//.test(specifier);

/** Returns where the packages of an application are looked for; undefined where none of its files imports one. */
export async function packageDisk(
  found: FoundApplication,
  own: ReadonlyMap<string, Importing>,
): Promise<PackageDisk | undefined> {
  const isNeeded = [...own.values()].some(({ report }) => report.imports.some(isPackage));
  const isOnDisk = found.files.every(({ text }) => text === undefined);
  return isNeeded && isOnDisk ? new PackageDisk(await realpath(rootOf(found))) : undefined;
}

/**
 * Finds, reads and compiles all that an application imports of packages, file by file as the imports lead to them. Rejects with a
 * BuildError at the import that leads nowhere, or to what no sandbox can run.
 */
export async function packageTree<Compiled extends Importing>(
  found: FoundApplication,
  own: ReadonlyMap<string, Compiled>,
  disk: PackageDisk | undefined,
  compile: (path: string, source: string) => Promise<Compiled>,
): Promise<PackageTree<Compiled>> {
  if (!disk) return { files: new Map(), imports: [] };
  const resolver = new PackageResolver(disk);
  const base = await realpath(found.oneFile ? disk.root : join(disk.root, found.folder ?? found.name));
  const files = new Map<string, Compiled>();
  const imports: PackageImport[] = [];
  const waiting: Importer<Compiled>[] = found.files.flatMap(({ path, absolute }) => {
    const compiled = own.get(path);
    return compiled ? [{ path, absolute, compiled, isOwn: true }] : [];
  });
  for (let importer = waiting.pop(); importer; importer = waiting.pop()) {
    for (const each of importer.compiled.report.imports) {
      if (importer.isOwn ? !isPackage(each) : isBuiltIn(each.specifier)) continue;
      try {
        if (imports.length >= MAX_IMPORTS)
          throw new BuildError(
            `The packages that the application imports have more than ${MAX_IMPORTS} imports.`,
          );
        const absolute = await resolver.resolve(each.specifier, importer.absolute);
        const path = relative(base, absolute).replaceAll(sep, posix.sep);
        imports.push([importer.path, each.specifier, path]);
        if (own.has(path) || files.has(path)) continue;
        const compiled = await compile(path, await disk.source(absolute));
        const isModule = (await resolver.isModule(absolute)) ?? !compiled.report.isCommonJs;
        if (!isModule)
          throw new BuildError(
            `Cannot import ${JSON.stringify(each.specifier)}: ${path} is CommonJS, and only ES modules can be imported.`,
          );
        files.set(path, compiled);
        waiting.push({ path, absolute, compiled, isOwn: false });
      } catch (error) {
        if (!(error instanceof BuildError) || error.position) throw error;
        throw placed(error, importer, each);
      }
    }
  }
  return { files, imports };
}

function placed(
  { message }: BuildError,
  importer: Importer<Importing>,
  { line, column }: Import,
): BuildError {
  const { path: file, compiled } = importer;
  return new BuildError(excerpt(message, MAX_SHOWN), { file, line, column }, lineAt(compiled.source, line));
}
