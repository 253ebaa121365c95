/**
 * amaro 1.2.1 erases the semicolon that ends an erased declaration together with it, also where it parts the statements
 * around; and where an erased member of a class parted two others, it puts none. It does put one where a statement had none:
 * https://github.com/swc-project/swc/issues/9331. The places are free, since what is erased becomes blanks.
 */

/** What parts erased code, which holds nothing but declarations and types; strings and comments go by whole. */
const insides =
  /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`[^`]*`|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|[{}()[\];]/g;
const leadingBlank = /^(?:\s|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)+/;
/** What goes on with the line before, where no semicolon is between them. */
const continuing = /^(?:[[(*`+\-/]|in(?:stanceof)?\b)/;
/** What stands behind these is the first of its kind, or a parameter. */
const opening = /[;{(,]/;
/** How an erased type begins that is part of an expression or a parameter, not a declaration. */
const inner = /[^\w$#"'[]|(?:as|satisfies|this)\b/y;

interface Erasure {
  readonly start: number;
  readonly end: number;
}

/** Stripped code with the semicolons that its statements and members need; offsets stay what they are. */
export function restoredSemicolons(source: string, code: string): string {
  const erasures = [...erased(source, code)];
  let restored = "";
  let copied = 0;
  const put = (place: number) => {
    restored += `${code.slice(copied, place)};`;
    copied = place + 1;
  };
  const lost = new Set(joints(source, code, erasures));
  for (const erasure of erasures) {
    const places = separators(source, erasure);
    for (const place of places) put(place);
    if (places.length === 0 && lost.has(erasure)) put(erasure.start);
  }
  return restored + code.slice(copied);
}

/** The stretches that were erased, without the blanks around them. */
function* erased(source: string, code: string): Generator<Erasure> {
  for (let at = 0; at < source.length; at++) {
    if (source[at] === code[at]) continue;
    const start = at;
    let end = at + 1;
    for (at = end; at < source.length; at++) {
      if (source[at] !== code[at]) end = at + 1;
      else if (/\S/.test(code[at] as string)) break;
    }
    yield { start, end };
  }
}

/** The semicolons of an erasure that end a declaration, not those between the members of a type. */
function separators(source: string, { start, end }: Erasure): number[] {
  const found: number[] = [];
  let depth = 0;
  for (const { 0: text, index } of source.slice(start, end).matchAll(insides)) {
    if (text === ";" && depth === 0) found.push(start + index);
    else if ("{[(".includes(text)) depth++;
    else if ("}])".includes(text)) depth--;
  }
  return found;
}

/** The erasures of declarations behind which the code would now go on with what stands before them. */
function* joints(source: string, code: string, erasures: readonly Erasure[]): Generator<Erasure> {
  let after = "";
  let next = code.length;
  for (let index = erasures.length - 1; index >= 0; index--) {
    const erasure = erasures[index] as Erasure;
    const { start, end } = erasure;
    after = code.slice(end, next).replace(leadingBlank, "") || after;
    next = start;
    if (!continuing.test(after) || code[start] === ";" || !isDeclaration(source, code, start)) continue;
    const before = code.slice(erasures[index - 1]?.end ?? 0, start).trimEnd();
    if (!opening.test(before.slice(-1))) yield erasure;
  }
}

/** Returns true if what was erased from there on is the first on its line, and no type of an expression. */
function isDeclaration(source: string, code: string, start: number): boolean {
  inner.lastIndex = start;
  if (inner.test(source)) return false;
  const line = code.slice(code.lastIndexOf("\n", start - 1) + 1, start);
  return line.replace(leadingBlank, "") === "";
}
