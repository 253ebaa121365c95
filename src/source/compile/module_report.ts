import { type Program, parse } from "acorn";
import { BuildError } from "../../core/errors.ts";
import { markedCode } from "../rewrite/marked_code.ts";
import { nodesOf } from "../syntax/nodes.ts";
import { type SettingsLiteral, settingsIn } from "../syntax/settings_literal.ts";
import { findWarnings } from "./module_warnings.ts";
import { parseError, usingError } from "./strip_error.ts";

/** Where something begins in a module, 1-based; columns count UTF-16 units. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a module takes from another one, by `import` or `export … from`; the place is that of the specifier. */
export interface ModuleImport extends Place {
  readonly specifier: string;
  /** In a page's module: where the specifier stands in the code, with its quotes, UTF-16 units. */
  readonly span?: readonly [start: number, end: number];
}

/** Something in a module that works and is not what its author believes. */
export interface ModuleWarning extends Place {
  readonly message: string;
}

/** What the strip process makes of one source file. */
export interface ModuleReport {
  /** Plain JavaScript with the lines of the source; columns and more by its map of positions. */
  readonly code: string;
  /** The first MAX_IMPORTS static imports, in the order of the source. */
  readonly imports: readonly ModuleImport[];
  /** Set where it imports and exports nothing by the language, but does as CommonJS. */
  readonly isCommonJs?: true;
  /** The first MAX_WARNINGS warnings, in the order of the source. */
  readonly warnings: readonly ModuleWarning[];
  /** The settings that it exports, where it does. */
  readonly settings?: SettingsLiteral;
}

interface FoundImport {
  readonly specifier: string;
  readonly offset: number;
  readonly span: readonly [start: number, end: number];
}

/** Static imports that are told of one module; the sandbox's loader sees to all of them. */
const MAX_IMPORTS = 1000;
/** Warnings that are told of one module. */
const MAX_WARNINGS = 100;

/**
 * Reports on plain JavaScript. What does not parse has no imports and no warnings: the script engine has the last word on
 * syntax, and tells the error. Throws BuildError where the engine would not tell the place, or in no words that help, and where
 * the parser's stack does not suffice; the engine's is smaller.
 */
export function reportOn(file: string, code: string): ModuleReport {
  const program = parsed(file, code);
  if (!program) return { code, imports: [], warnings: [] };
  const using = offsetOfUsing(code, program);
  if (using !== undefined) throw usingError(file, code, using);
  const settings = settingsIn(program);
  return {
    code: markedCode(code, program),
    imports: placed(code, withoutSpans(staticImports(program)), MAX_IMPORTS),
    ...(isCommonJs(code, program) && { isCommonJs: true }),
    warnings: placed(code, findWarnings(program), MAX_WARNINGS),
    ...(settings && { settings }),
  };
}

/**
 * Reports on plain JavaScript that browsers run, and have the last word on: the code as it is, and its imports with where they stand,
 * `import("…")` of a text among them. Throws BuildError where the parser's stack does not suffice.
 */
export function reportOnPage(file: string, code: string): ModuleReport {
  let program: Program;
  try {
    program = parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  } catch (error) {
    if (error instanceof SyntaxError && /^Not enough stack space/.test(error.message))
      throw BuildError.at(file, code, 0, `Cannot parse ${file}: it is nested too deeply.`);
    if (error instanceof SyntaxError) return { code, imports: [], warnings: [] };
    throw error;
  }
  const found = [...staticImports(program), ...dynamicImports(program)];
  return { code, imports: placed(code, found, MAX_IMPORTS), warnings: [] };
}

function parsed(file: string, code: string): Program | undefined {
  try {
    return parse(code, { ecmaVersion: "latest", sourceType: "module", preserveParens: true });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { message, pos } = error as SyntaxError & { pos: number };
    if (message.startsWith("Not enough stack space"))
      throw BuildError.at(file, code, pos, `Cannot parse ${file}: it is nested too deeply.`);
    const told = parseError(file, code, { message, pos });
    if (told) throw told;
    return undefined;
  }
}

/** Returns the offset of the first declaration with `using`; undefined where there is none. */
function offsetOfUsing(code: string, program: Program): number | undefined {
  if (!/\busing\b/.test(code)) return undefined;
  let first: number | undefined;
  for (const node of nodesOf(program)) {
    const isUsing = node.type === "VariableDeclaration" && /using$/.test(node.kind);
    if (isUsing && node.start < (first ?? code.length)) first = node.start;
  }
  return first;
}

function isCommonJs(code: string, { body }: Program): boolean {
  if (body.some(({ type }) => /^(Import|Export)/.test(type))) return false;
  return /\b(?:require\s*\(|module\.exports\b|exports\s*[.[])/.test(code);
}

/** What a script's import is known by: its marks move what stands behind them. */
function* withoutSpans(found: Iterable<FoundImport>): Generator<Omit<FoundImport, "span">> {
  for (const { specifier, offset } of found) yield { specifier, offset };
}

/** Imports that wait for their run, of a text that stands there. */
function* dynamicImports(program: Program): Generator<FoundImport> {
  for (const node of nodesOf(program)) {
    if (node.type !== "ImportExpression" || node.source.type !== "Literal") continue;
    const { value, start, end } = node.source;
    if (typeof value === "string") yield { specifier: value, offset: start, span: [start, end] };
  }
}

function* staticImports({ body }: Program): Generator<FoundImport> {
  for (const statement of body) {
    if (
      statement.type === "ImportDeclaration" ||
      statement.type === "ExportAllDeclaration" ||
      statement.type === "ExportNamedDeclaration"
    ) {
      const { source } = statement;
      if (source)
        yield { specifier: String(source.value), offset: source.start, span: [source.start, source.end] };
    }
  }
}

/** The first findings by offset, with lines and columns in place of offsets (UTF-16 units). */
function placed<Finding>(
  code: string,
  findings: Iterable<Finding & { offset: number }>,
  most: number,
): (Finding & Place)[] {
  let line = 1;
  let start = 0;
  const sorted = [...findings].sort((a, b) => a.offset - b.offset);
  return sorted.slice(0, most).map(({ offset, ...finding }) => {
    for (let end = code.indexOf("\n", start); end >= 0 && end < offset; end = code.indexOf("\n", start)) {
      line++;
      start = end + 1;
    }
    return { ...(finding as Finding), line, column: offset - start + 1 };
  });
}
