/** One token of JavaScript. */
export interface Token {
  readonly kind: "word" | "punctuator" | "string" | "template" | "regexp" | "number";
  readonly text: string;
  /** Offset in the source, UTF-16 units. */
  readonly start: number;
  /** How many brackets are open around it; a bracket itself counts as outside of what it encloses. */
  readonly depth: number;
}

const blank = /(?:[\s\ufeff]+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)+/y;
const hashbang = /^#![^\n]*/;
const word = /[#@]?[\p{ID_Start}$_\\](?:[\p{ID_Continue}$\\]|\u200c|\u200d)*/uy;
const number = /\.?\d(?:[eE][+-]|[\w.])*/y;
const string = /"(?:[^"\\\n\r]|\\[\s\S])*"|'(?:[^'\\\n\r]|\\[\s\S])*'/y;
const regexp = /\/(?:[^/\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[\w$]*/y;
const templatePart = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const punctuator = /=>|\.\.\.|\?\.(?!\d)|\+\+|--|[-+*/%&|^!=<>?:;,.~{}()[\]]/y;

/** Words after which a slash starts a regular expression. */
const operators = new Set(
  "return typeof case in delete void instanceof new throw else do default extends".split(" "),
);
/** Words whose parentheses are followed by a statement. */
const heads = new Set(["if", "while", "for", "with"]);

/**
 * Splits plain JavaScript into tokens, or gives undefined where telling a division from a regular expression would take
 * a parser, or the source is not well formed: whoever asks then leaves the judgement to the engine.
 */
export function tokenize(source: string): Token[] | undefined {
  const tokens: Token[] = [];
  /** Open brackets: the character, and for a parenthesis whether a statement's head precedes it. */
  const open: { bracket: string; head: boolean }[] = [];
  let offset = hashbang.exec(source)?.[0].length ?? 0;
  let afterHead = false;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) offset += text.length;
    return text;
  };
  const add = (kind: Token["kind"], text: string, start: number) =>
    tokens.push({ kind, text, start, depth: open.length });

  /** A template from after its backquote or closing brace up to the next `${` or its end; false where it has none. */
  const template = (start: number): boolean => {
    take(templatePart);
    if (source[offset] === "`") {
      offset++;
      add("template", source.slice(start, offset), start);
      return true;
    }
    if (!source.startsWith("${", offset)) return false;
    offset += 2;
    // What follows a `${` starts an expression, as it does after an operator.
    add("punctuator", "${", start);
    open.push({ bracket: "${", head: false });
    return true;
  };

  for (;;) {
    take(blank);
    if (offset >= source.length) return open.length === 0 ? tokens : undefined;
    const start = offset;
    const character = source[offset] as string;
    const wasHead = afterHead;
    afterHead = false;
    if (character === "`") {
      offset++;
      if (!template(start)) return undefined;
    } else if (character === "/") {
      const slash = wasHead ? "regexp" : slashAfter(tokens);
      if (slash === undefined) return undefined;
      const text = take(slash === "regexp" ? regexp : punctuator);
      if (text === undefined) return undefined;
      add(slash, text, start);
    } else if (character === '"' || character === "'") {
      const text = take(string);
      if (text === undefined) return undefined;
      add("string", text, start);
    } else {
      const name = take(word);
      if (name !== undefined) {
        add("word", name, start);
        continue;
      }
      const digits = take(number);
      if (digits !== undefined) {
        add("number", digits, start);
        continue;
      }
      const text = take(punctuator);
      if (text === undefined) return undefined;
      if ("([{".includes(text)) {
        const before = tokens.at(-1);
        const head = text === "(" && before?.kind === "word" && heads.has(before.text) && !isMember(tokens);
        add("punctuator", text, start);
        open.push({ bracket: text, head });
      } else if (")]}".includes(text)) {
        const opened = open.pop();
        if (text === "}" && opened?.bracket === "${") {
          if (!template(start)) return undefined;
          continue;
        }
        if (opened?.bracket !== { ")": "(", "]": "[", "}": "{" }[text]) return undefined;
        add("punctuator", text, start);
        afterHead = opened?.head ?? false;
      } else add("punctuator", text, start);
    }
  }
}

/** What a slash is after these tokens; undefined where only a parser can tell. */
function slashAfter(tokens: readonly Token[]): "regexp" | "punctuator" | undefined {
  const before = tokens.at(-1);
  if (!before) return "regexp";
  if (before.kind === "word") {
    if (isMember(tokens)) return "punctuator";
    if (before.text === "of" || before.text === "await" || before.text === "yield") return undefined;
    return operators.has(before.text) ? "regexp" : "punctuator";
  }
  if (before.kind !== "punctuator") return "punctuator";
  if (before.text === "}") return undefined;
  return [")", "]", "++", "--"].includes(before.text) ? "punctuator" : "regexp";
}

/** Whether the last token is a property's name, as in `a.return`. */
function isMember(tokens: readonly Token[]): boolean {
  const before = tokens.at(-2);
  return before?.kind === "punctuator" && (before.text === "." || before.text === "?.");
}
