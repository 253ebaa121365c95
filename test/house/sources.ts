/** What the tests of the house read: the repository's own files, and what they import. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";

/** The repository's folder. */
export const root = join(import.meta.dir, "../..");

/** One file of the repository. */
export interface Source {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** One import or re-export of a source. */
export interface Import {
  readonly specifier: string;
  /** Line of the specifier, 1-based. */
  readonly line: number;
  /** Path from the root where the specifier is relative. */
  readonly target: string | undefined;
  /** Whether nothing of it is left when the program runs: an `import type`, or an `import("…")` that stands for a type. */
  readonly isType: boolean;
}

/** Reads the files below a folder (or `.`) whose names match; neither what is installed nor what is generated. */
export function files(folder: string, name: RegExp): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !/(^|\/)(node_modules|build|\.git|\.hotroom|fixtures)\/|\.generated\./.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** All of `src/` that was written by hand. */
export const sources = files("src", /\.(tsx?|js)$/);

/** Returns the 1-based line of a position in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Returns a program's text with its comments blanked; lines and columns stay. */
export function code(text: string): string {
  const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(?<=^|[\s;{}(,])\/\/.*$/gm, blank);
}

/** Bun's own parser: it lists what a program imports when it runs. */
const parsers = { ts: new Bun.Transpiler({ loader: "ts" }), tsx: new Bun.Transpiler({ loader: "tsx" }) };

/** Lists what a source imports, by the order of the lines. */
export function imports({ path, text }: Source): Import[] {
  const pattern =
    /^\s*(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  const parser = parsers[path.endsWith(".tsx") ? "tsx" : "ts"];
  const values = new Set(parser.scanImports(text).map((found) => found.path));
  return [...code(text).matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const target = specifier.startsWith(".") ? posix.join(dirname(path), specifier) : undefined;
    const line = lineAt(text, match.index + match[0].length);
    return { specifier, line, target, isType: !values.has(specifier) };
  });
}
