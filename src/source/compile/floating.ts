import type { Token } from "./tokens.ts";

/** What ends a statement without a semicolon when it comes in a new line; after these words it goes on. */
const further = new Set(["in", "instanceof"]);

/**
 * Calls that are statements of their own, of `async` functions that the same module declares at its top: whether such a
 * promise is rejected nobody is told. Names that could mean something else anywhere in the module are passed over.
 */
export function* floating(code: string, tokens: readonly Token[]): Generator<Token> {
  const names = new Set(asyncNames(tokens));
  for (const [index, token] of tokens.entries()) {
    if (isReference(tokens, index) && !isHarmless(tokens, index)) names.delete(token.text);
  }
  for (const [index, token] of tokens.entries()) {
    if (names.has(token.text) && isReference(tokens, index) && isStatement(code, tokens, index)) yield token;
  }
}

/** The names of `async function f() {…}`, `const f = async () => …` and `const f = async function …`; no generators. */
function* asyncNames(tokens: readonly Token[]): Generator<string> {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || token.text !== "async" || token.depth > 0) continue;
    const next = tokens[index + 1];
    const [declaring, name, equals] = tokens.slice(Math.max(0, index - 3), index);
    const isConstant = declaring?.text === "const" && name?.kind === "word" && equals?.text === "=";
    if (next?.text === "function") {
      const own = tokens[index + 2];
      if (isConstant && own?.text !== "*") yield name.text;
      else if (!isConstant && own?.kind === "word") yield own.text;
    } else if (isConstant && isArrow(tokens, index + 1)) yield name.text;
  }
}

function isArrow(tokens: readonly Token[], index: number): boolean {
  const end = tokens[index]?.text === "(" ? closing(tokens, index) : index;
  return tokens[end + 1]?.text === "=>";
}

function isReference(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text;
  return tokens[index]?.kind === "word" && before !== "." && before !== "?.";
}

/** Whether what stands there can't give its name another meaning: a call, a key, or the declaration at the top. */
function isHarmless(tokens: readonly Token[], index: number): boolean {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (token?.depth === 0 && before?.text === "const") return true;
  if (before?.text === "function") return token?.depth === 0;
  return after?.text === "(" || after?.text === ":";
}

/** Whether a whole statement is the call that begins there. A declaration or a method has a body behind its parentheses. */
function isStatement(code: string, tokens: readonly Token[], index: number): boolean {
  if (tokens[index + 1]?.text !== "(") return false;
  const before = tokens[index - 1];
  if (before && !(before.kind === "punctuator" && ";{})".includes(before.text)) && before.text !== "else") {
    return false;
  }
  const end = closing(tokens, index + 1);
  const [last, next] = [tokens[end], tokens[end + 1]];
  if (!next) return true;
  if (next.kind === "punctuator") return next.text === ";" || next.text === "}";
  const between = code.slice(last?.start, next.start);
  return next.kind === "word" && /[\n\r\u2028\u2029]/.test(between) && !further.has(next.text);
}

/** Where the parenthesis that opens at `index` is closed. */
function closing(tokens: readonly Token[], index: number): number {
  const depth = tokens[index]?.depth;
  return tokens.findIndex((token, at) => at > index && token.text === ")" && token.depth === depth);
}
