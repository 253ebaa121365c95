import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { lineAt } from "../../core/source_position.ts";

/** What to write instead, by what amaro calls the syntax that it can't strip. */
const instead: readonly [RegExp, string][] = [
  [
    /TypeScript enum/,
    'Cannot use "enum": types are removed here, not compiled. Use an object instead: const Color = { red: "red", blue: "blue" } as const.',
  ],
  [
    /TypeScript namespace/,
    'Cannot use "namespace" with code in it: types are removed here, not compiled. Put the code into a file of its own and import that.',
  ],
  [
    /`module` keyword/,
    'Cannot use "module": types are removed here, not compiled. Put the code into a file of its own and import that.',
  ],
  [
    /parameter property/,
    "Cannot use parameter properties (a constructor's `private x`): types are removed here, not compiled. Declare the field in the class and assign it in the constructor.",
  ],
  [/import equals/, 'Cannot use "import … = require(…)". Use "import … from" instead.'],
  [/export assignment/, 'Cannot use "export =". Use "export default" instead.'],
  [
    /angle-bracket/,
    'Cannot use "<Type>value": types are removed here, not compiled. Use "value as Type" instead.',
  ],
];

/** Characters of an error's message, which may quote the source. */
const MAX_MESSAGE = 500;

/** Returns an error of amaro as a BuildError in the source's coordinates; `line` counts from 1, `column` from 0. */
export function stripError(
  file: string,
  source: string,
  fault: { message: string; line: number; column: number },
): BuildError {
  const line = lineAt(source, fault.line) ?? "";
  const told = excerpt(fault.message, MAX_MESSAGE);
  const message = instead.find(([pattern]) => pattern.test(told))?.[1] ?? told;
  return new BuildError(message, { file, line: fault.line, column: columnOf(line, fault.column) + 1 }, line);
}

const DECORATORS =
  "Cannot use decorators: the script engine does not know them. Call the function yourself: class A { run = log(() => { … }) }.";
const ACCESSOR =
  'Cannot use "accessor": the script engine does not know it. Use a field, or a getter and a setter.';
const USING = 'Cannot use "using": the script engine does not know it. Use "try" and "finally" instead.';

/** What acorn says of errors that the script engine would tell without their place, or at a line behind it. */
const placeless =
  /^Invalid regular expression|^Duplicate regular expression flag|^Private field|^Deleting local variable|^Redefinition of __proto__|^Duplicate export/;

/**
 * Returns an error of acorn as a BuildError, where the script engine has no place for it or no words that help; undefined for
 * all others.
 */
export function parseError(
  file: string,
  code: string,
  { message, pos }: { message: string; pos: number },
): BuildError | undefined {
  if (code[pos] === "@") return BuildError.at(file, code, pos, DECORATORS);
  const accessor = /\baccessor[^\S\n]+$/.exec(code.slice(Math.max(0, pos - MAX_MESSAGE), pos))?.[0];
  if (accessor) return BuildError.at(file, code, pos - accessor.length, ACCESSOR);
  const told = excerpt(message.replace(/ \(\d+:\d+\)$/, ""), MAX_MESSAGE);
  const [, name] = /^Export '(.+)' is not defined$/.exec(told) ?? [];
  if (name !== undefined) {
    const what = `Cannot export "${name}": the file has no such variable. A type is exported with "export type".`;
    return BuildError.at(file, code, pos, what);
  }
  if (!placeless.test(told)) return undefined;
  // Of a regular expression acorn says what is behind its first slash.
  const start = told.includes("regular expression") ? pos - 1 : pos;
  return BuildError.at(file, code, start, `SyntaxError: ${told}`);
}

/** Returns the error of a declaration with `using`, which acorn knows and the script engine does not; it begins at `offset`. */
export function usingError(file: string, code: string, offset: number): BuildError {
  return BuildError.at(file, code, offset, USING);
}

const wide =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const zeroWidth = /[\p{M}\p{Cf}\p{Cc}]/u;

/**
 * Returns the offset in a line, in UTF-16 units, for a column as swc shows it. Its columns count UTF-16 units too, but a tab
 * as four, a wide character as one more and a character without a width as one less (seen with amaro 1.2.1).
 */
function columnOf(line: string, shown: number): number {
  let column = 0;
  let offset = 0;
  for (const character of line) {
    if (column >= shown) break;
    offset += character.length;
    column += character.length;
    if (character === "\t") column += 3;
    else if (wide.test(character)) column += 1;
    else if (zeroWidth.test(character)) column -= 1;
  }
  return offset;
}
