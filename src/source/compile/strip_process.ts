import { createInterface } from "node:readline";
import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { parseJson } from "../read/json_text.ts";
import { restoredSemicolons } from "../rewrite/restored_semicolons.ts";
import { type ModuleReport, reportOn, reportOnPage } from "./module_report.ts";
import { stripError } from "./strip_error.ts";
import { jsonLine, type SourceUse, type StripAnswer, type StripRequest } from "./strip_wire.ts";

/** What amaro throws for a source that it can't strip: a plain object. */
interface AmaroError {
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
}

/** Characters of an error in an answer. */
const MAX_MESSAGE = 500;

/**
 * The strip process: removes types from one source after the other, and parses it, until its standard input ends. It is a
 * process of its own because what it parses is not trusted: 1,000 nested parentheses leave amaro's WebAssembly memory broken
 * for every later call, and `let a = ` with twenty times `a ? (b) : c => ` takes it 1.8 s, each further one doubling that.
 */
export async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    const request = JSON.parse(line) as StripRequest;
    const answer = await answerTo(request);
    await new Promise((resolve) => process.stdout.write(jsonLine(answer), resolve));
    if ("crash" in answer) process.exit(1);
  }
}

async function answerTo({ id, file, source, use }: StripRequest): Promise<StripAnswer> {
  try {
    return { id, report: await compile(file, source, use) };
  } catch (error) {
    if (!(error instanceof BuildError)) return { id, crash: crashOf(error) };
    const { message, position } = error;
    return { id, fault: { message, ...(position && { position }) } };
  }
}

/** What amaro's WebAssembly ran into, by the engines' words for it. Errors far to the right make it fail as well, from column 65,536 on. */
function crashOf(error: unknown): string {
  const message = String(error);
  if (/stack|bounds/i.test(message)) return "it is nested too deeply";
  return `the type stripper failed, ${excerpt(message, MAX_MESSAGE)}`;
}

/** Makes plain JavaScript of a source; rejects with a BuildError where it is the source's fault. */
async function compile(file: string, source: string, use: SourceUse): Promise<ModuleReport> {
  if (file.endsWith(".json")) return { code: jsonModule(file, source), imports: [], warnings: [] };
  const code = file.endsWith(".ts") ? await stripped(file, source) : source;
  return use === "page" ? reportOnPage(file, code) : reportOn(file, code);
}

async function stripped(file: string, source: string): Promise<string> {
  // Loaded for the first TypeScript: its WebAssembly takes longer to compile than most sources to strip.
  const { transformSync } = await import("amaro");
  try {
    return restoredSemicolons(source, transformSync(source, { mode: "strip-only", filename: file }).code);
  } catch (error) {
    const { message, startLine, startColumn } = error as AmaroError;
    if (error instanceof Error || startLine === undefined) throw error;
    throw stripError(file, source, { message, line: startLine, column: startColumn });
  }
}

function jsonModule(file: string, source: string): string {
  parseJson(file, source);
  // Not the text itself: in an object literal `__proto__` is no key, and U+2028 needs no care in JSON.parse's text.
  return `export default JSON.parse(${JSON.stringify(source)});`;
}
