import { isBuiltin } from "node:module";
import { dirname, extname, join, resolve, sep } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import type { PackageDisk, PackageJson } from "./package_disk.ts";
import { targetOf } from "./package_exports.ts";

const HOSTLESS = "it is a part of Node, and a script has no files, no network and no processes.";
/** Endings that a script can have. */
const scripts: ReadonlySet<string> = new Set([".js", ".mjs", ".ts", ".json"]);

/** UTF-16 units of an import's specifier; a longer one is no path. */
const MAX_SPECIFIER_UNITS = 1024;
/** Of one that is told. */
const MAX_SHOWN = 200;

/** A package's folder and what its `package.json` says. */
interface Package {
  readonly folder: string;
  readonly json: PackageJson;
}

/** Finds what imports of packages lead to, by the rules that Node has for ES modules. */
export class PackageResolver {
  constructor(private readonly disk: PackageDisk) {}

  /**
   * Resolves with the absolute path of the file that `specifier` means in the file `from`, behind links. Rejects with a BuildError
   * that tells the author why there is none; it has no position.
   */
  async resolve(specifier: string, from: string): Promise<string> {
    if (specifier.length > MAX_SPECIFIER_UNITS)
      throw refusal(excerpt(specifier, MAX_SHOWN), "that is too long for the name of a file.");
    if (specifier.startsWith("node:")) throw refusal(specifier, HOSTLESS);
    if (/^[a-z][a-z0-9+.-]+:/i.test(specifier))
      throw refusal(specifier, "only packages that are installed can be imported, not addresses.");
    if (/^\.\.?\//.test(specifier)) return await this.#inPackage(specifier, from);
    if (specifier.startsWith("#")) return await this.#private(specifier, from);
    const [, name, rest = ""] = /^((?:@[^/@\\%]+\/)?[^./@\\%][^/\\%]*)(\/.*)?$/.exec(specifier) ?? [];
    if (name === undefined) throw refusal(specifier, "that is no name of a package.");
    const found = (await this.#itself(name, from)) ?? (await this.#installed(name, from));
    if (!found) {
      // Not before: there are packages of the same names that need no Node.
      if (isBuiltin(name)) throw refusal(specifier, HOSTLESS);
      throw refusal(
        specifier,
        `there is no such package in node_modules of the application's or the extensions folder. A file is imported by its path, as "./${specifier}.ts".`,
      );
    }
    return await this.#inside(found, `.${rest}`, specifier);
  }

  /** Resolves with whether Node takes a `.js` file for an ES module; undefined where its package does not say. */
  async isModule(file: string): Promise<boolean | undefined> {
    const ending = extname(file);
    if (ending !== ".js" && ending !== ".ts") return true;
    const type = (await this.#around(file))?.json.type;
    return type === "module" ? true : type === "commonjs" ? false : undefined;
  }

  /** A path from one file of a package to another one of it. */
  async #inPackage(specifier: string, from: string): Promise<string> {
    const path = resolve(dirname(from), specifier);
    const own = await this.#around(from);
    if (own && !path.startsWith(own.folder + sep)) throw refusal(specifier, "it is outside of its package.");
    return await this.#file(path, specifier);
  }

  /** A name that a package has for its own files only, by `imports`. */
  async #private(specifier: string, from: string): Promise<string> {
    const own = await this.#around(from);
    const target = own && targetOf(own.json.imports, specifier);
    if (!own || target === undefined)
      throw refusal(specifier, "no package.json around it has that in its imports.");
    if (target.startsWith("./")) return await this.#file(this.#within(own, target, specifier), specifier);
    if (target.startsWith("#")) throw refusal(specifier, "its package.json gives it another name with a #.");
    return await this.resolve(target, from);
  }

  /** The package that a file is part of, if it has that name and says what can be imported of it. */
  async #itself(name: string, from: string): Promise<Package | undefined> {
    const own = await this.#around(from);
    return own?.json.exports !== undefined && own.json.name === name ? own : undefined;
  }

  /** The nearest one of that name that is installed. */
  async #installed(name: string, from: string): Promise<Package | undefined> {
    for (const folder of this.#above(from)) {
      if (folder.endsWith(`${sep}node_modules`)) continue;
      const found = await this.disk.find(join(folder, "node_modules", name), "folder");
      if (found === undefined) continue;
      return { folder: found, json: (await this.disk.packageJson(found)) ?? {} };
    }
    return undefined;
  }

  /** The package around a file. */
  async #around(file: string): Promise<Package | undefined> {
    for (const folder of this.#above(file)) {
      if (folder.endsWith(`${sep}node_modules`)) return undefined;
      const json = await this.disk.packageJson(folder);
      if (json) return { folder, json };
    }
    return undefined;
  }

  /** The folders above a file, from its own to the extensions folder. */
  *#above(file: string): Generator<string> {
    for (let folder = dirname(file); folder.startsWith(this.disk.root); folder = dirname(folder)) {
      yield folder;
      if (folder === this.disk.root) return;
    }
  }

  async #inside(found: Package, subpath: string, specifier: string): Promise<string> {
    const { exports, main } = found.json;
    if (exports === undefined || exports === null) {
      if (subpath !== ".") return await this.#file(this.#within(found, subpath, specifier), specifier);
      return await this.#main(found, typeof main === "string" ? main : undefined, specifier);
    }
    const target = targetOf(exports, subpath);
    if (target === undefined) {
      const what =
        subpath === "."
          ? "its package.json exports nothing for an import"
          : `its package.json does not export ${subpath}`;
      throw refusal(specifier, `${what}.`);
    }
    return await this.#file(this.#within(found, target, specifier), specifier);
  }

  async #main(found: Package, main: string | undefined, specifier: string): Promise<string> {
    const names = main === undefined ? [] : [main, `${main}.js`, `${main}/index.js`];
    for (const name of [...names, "index.js"]) {
      const file = await this.disk.find(this.#within(found, `./${name}`, specifier), "file");
      if (file !== undefined) return this.#script(file, specifier);
    }
    throw refusal(specifier, "the package has no file to begin with.");
  }

  /** A path that a `package.json` names, which leads neither out of its package nor into another one. */
  #within({ folder }: Package, target: string, specifier: string): string {
    const path = resolve(folder, target);
    const parts = target.split(/[\\/]/).slice(1);
    if (
      !target.startsWith("./") ||
      !path.startsWith(folder + sep) ||
      parts.some((part) => /^(\.\.?|node_modules)$/i.test(part))
    )
      throw refusal(
        specifier,
        `its package.json leads to ${JSON.stringify(target)}, which is outside of the package.`,
      );
    return path;
  }

  async #file(path: string, specifier: string): Promise<string> {
    const file = await this.disk.find(path, "file");
    if (file === undefined)
      throw refusal(
        specifier,
        `there is no file ${path.slice(this.disk.root.length + 1).replaceAll(sep, "/")}.`,
      );
    return this.#script(file, specifier);
  }

  #script(file: string, specifier: string): string {
    const ending = extname(file);
    if (scripts.has(ending)) return file;
    throw refusal(
      specifier,
      ending === ".cjs" || ending === ".cts"
        ? "it is CommonJS, and only ES modules can be imported."
        : `it is no script but a file of the kind "${ending}".`,
    );
  }
}

function refusal(specifier: string, reason: string): BuildError {
  return new BuildError(`Cannot import ${JSON.stringify(specifier)}: ${reason}`);
}
