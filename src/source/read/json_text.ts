import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { BuildError } from "../../core/errors.ts";
import { positionAt, type SourcePosition } from "../../core/source_position.ts";

/** Objects and lists that may lie in one another. */
const MAX_DEPTH = 500;
const strict = { disallowComments: true, allowTrailingComma: false };

/** A JSON text that knows where its keys and values stand. */
export class JsonText {
  readonly value: unknown;
  readonly #file: string;
  readonly #text: string;
  #root: Node | undefined;

  /**
   * Throws a BuildError at the first character that is not JSON (the engines' own messages differ, and JavaScriptCore's hold
   * no position), or where too much lies in one another.
   */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    openBrackets(file, text, text.length);
    try {
      // Not the library's value: `__proto__` is a key like any other.
      this.value = JSON.parse(text);
    } catch {
      const errors: ParseError[] = [];
      parseTree(text, errors, strict);
      throw BuildError.at(file, text, errors[0]?.offset ?? 0, `Invalid JSON: ${faultOf(file, text, errors)}`);
    }
  }

  /**
   * Returns the offset of the value that the keys lead to, or of its own key, UTF-16 units; where there is none, of what is
   * around it.
   */
  offsetOf(place: "key" | "value", keys: readonly (string | number)[]): number {
    this.#root ??= parseTree(this.#text, [], strict);
    let node = this.#root;
    for (const key of keys) {
      const inner = node && memberOf(node, key);
      if (!inner) break;
      node = inner;
    }
    const found = place === "key" && node?.parent?.type === "property" ? node.parent : node;
    return found?.offset ?? 0;
  }

  /** Returns the place of an offset, UTF-16 units. */
  positionAt(offset: number): SourcePosition {
    return positionAt(this.#file, this.#text, offset);
  }

  /** Returns an error at an offset, UTF-16 units. */
  errorAt(offset: number, message: string): BuildError {
    return BuildError.at(this.#file, this.#text, offset, message);
  }
}

/** Returns the value of a JSON text; throws as JsonText does. */
export function parseJson(file: string, text: string): unknown {
  return new JsonText(file, text).value;
}

function memberOf({ type, children = [] }: Node, key: string | number): Node | undefined {
  if (type === "array") return children[Number(key)];
  // Where a key is there twice, JSON.parse takes the last one.
  return children.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
}

/** Returns the brackets that are open at an offset; throws where they are too many. Without recursion, unlike the parser. */
function openBrackets(file: string, text: string, end: number): string[] {
  const open: string[] = [];
  const scanner = createScanner(text, true);
  for (scanner.scan(); scanner.getTokenOffset() < end; scanner.scan()) {
    const offset = scanner.getTokenOffset();
    const character = text[offset] ?? "";
    if (character === "}" || character === "]") open.pop();
    else if (character === "{" || character === "[") open.push(character);
    if (open.length > MAX_DEPTH) {
      throw BuildError.at(file, text, offset, `Invalid JSON: more than ${MAX_DEPTH} brackets are open.`);
    }
  }
  return open;
}

/** What is wrong at the first error, for its author. */
function faultOf(file: string, text: string, errors: readonly ParseError[]): string {
  const [first, second] = errors;
  if (!first || first.offset >= text.length) return "it ends too early.";
  switch (printParseErrorCode(first.error)) {
    case "PropertyNameExpected":
      return "expected a name in double quotes.";
    case "ColonExpected":
      return 'expected ":".';
    case "CommaExpected":
    case "CloseBraceExpected":
    case "CloseBracketExpected":
      return `expected "," or "${openBrackets(file, text, first.offset).at(-1) === "[" ? "]" : "}"}".`;
    case "EndOfFileExpected":
      return "expected the end of the file.";
    case "InvalidCommentToken":
      return "JSON has no comments.";
    case "InvalidSymbol":
      if (second && printParseErrorCode(second.error) === "PropertyNameExpected")
        return "expected a name in double quotes.";
      return text[first.offset] === "'" ? "texts have double quotes." : "expected a value.";
    default:
      return "expected a value.";
  }
}
