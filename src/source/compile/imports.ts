import { posix } from "node:path";
import type { BuildError } from "../../core/errors.ts";
import { nearest } from "../read/nearest.ts";
import { errorAt } from "../read/position.ts";
import { type Token, tokenize } from "./tokens.ts";

/** What a module takes from another one, by `import` or `export … from`. */
interface Import {
  readonly specifier: string;
  readonly start: number;
}

/** What scripts can import besides the files of their application. */
const builtIn = new Set(["hotroom", "valibot"]);

/**
 * The first static import of a file that can't be found, as an error in its source; undefined where all is well or can't
 * be told. The sandbox's loader has the last word; this one is early, and can say what was meant.
 */
export function checkImports(
  file: string,
  code: string,
  source: string,
  files: ReadonlySet<string>,
): BuildError | undefined {
  for (const { specifier, start } of staticImports(tokenize(code) ?? [])) {
    const problem = problemOf(file, specifier, files);
    if (problem) return errorAt(file, source, start, `Cannot import "${specifier}": ${problem}`);
  }
  return undefined;
}

function problemOf(file: string, specifier: string, files: ReadonlySet<string>): string | undefined {
  if (builtIn.has(specifier)) return undefined;
  if (!/^\.\.?\//.test(specifier)) {
    return 'only "hotroom", "valibot" and files of the application can be imported, these by a path that starts with "./" or "../".';
  }
  const folder = posix.dirname(file);
  const path = posix.join(folder, specifier);
  if (path.startsWith("../")) return "it is outside of the application's folder.";
  if (candidates(path).some((each) => files.has(each))) return undefined;
  const meant = nearest(path, files);
  if (!meant || meant === file) return "there is no such file in the application.";
  const relative = posix.relative(folder, meant);
  return `there is no such file in the application. Did you mean "${relative.startsWith(".") ? relative : `./${relative}`}"?`;
}

/** What the sandbox's loader takes a path for: the file, TypeScript by its later name, and names without an ending. */
function candidates(path: string): string[] {
  return [path, path.replace(/\.js$/, ".ts"), `${path}.ts`, `${path}.js`];
}

/** `import` and `export` are reserved words and declarations stand at the top level, so tokens are enough to find them. */
function* staticImports(tokens: readonly Token[]): Generator<Import> {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || token.depth > 0 || tokens[index - 1]?.text === ".") continue;
    const next = tokens[index + 1];
    if (token.text === "import" && next?.kind === "string") yield found(next);
    const clause =
      (token.text === "import" && (next?.kind === "word" || next?.text === "*" || next?.text === "{")) ||
      (token.text === "export" && (next?.text === "*" || next?.text === "{"));
    const from = clause && source(tokens, index + 1);
    if (from) yield found(from);
  }
}

/** The string after `from` that ends the clause which starts at `index`; undefined where the statement has none. */
function source(tokens: readonly Token[], index: number): Token | undefined {
  for (let at = index; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.depth > 0) continue;
    const next = tokens[at + 1];
    if (token.text === "from" && next?.kind === "string") return next;
    // Only names, `*`, a comma and one pair of braces stand before `from`.
    if (token.kind !== "word" && !["*", ",", "{", "}"].includes(token.text)) return undefined;
    if (at > index && (token.text === "import" || token.text === "export")) return undefined;
  }
  return undefined;
}

function found(token: Token): Import {
  // Escapes in a specifier are left to the loader: as written they name no file that could be checked.
  const specifier = token.text.slice(1, -1);
  return { specifier: specifier.includes("\\") ? "hotroom" : specifier, start: token.start };
}
