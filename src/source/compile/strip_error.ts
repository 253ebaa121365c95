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
