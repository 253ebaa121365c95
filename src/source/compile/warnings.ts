import type { Build } from "../../core/ports/build.ts";
import type { SourcePosition } from "../../core/source_position.ts";
import { floating } from "./floating.ts";
import { positionAt } from "../read/position.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Something in a build that works and is not what its author believes. */
export interface Warning {
  readonly message: string;
  readonly position: SourcePosition;
}

/**
 * What is worth a second look in a build, for `check`. Variables of modules that can change: rooms may share them or not, and an
 * edit forgets them; `let`, `var` and empty containers at the top level. And promises that nobody waits for. A file that can't
 * be read for certain is passed over.
 */
export function warnings(build: Build): Warning[] {
  const found: Warning[] = [];
  for (const [file, code] of build.files) {
    const tokens = tokenize(code) ?? [];
    const warn = (message: string, start: number) =>
      found.push({ message, position: positionAt(file, code, start) });
    for (const { name, start } of mutable(tokens)) {
      warn(
        `Variable "${name}" of the module can change: rooms may share it or not, and it is lost when a file is saved. Keep what must last in room.state.`,
        start,
      );
    }
    for (const { text, start } of floating(code, tokens)) {
      warn(
        `Nothing waits for "${text}()": if its promise is rejected, nobody is told. Await it, or write "void ${text}()" where it sees to its own errors.`,
        start,
      );
    }
  }
  return found;
}

function* mutable(tokens: readonly Token[]): Generator<{ name: string; start: number }> {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || token.depth > 0 || tokens[index - 1]?.text === ".") continue;
    const changes = token.text === "let" || token.text === "var";
    if (!changes && token.text !== "const") continue;
    const name = tokens[index + 1];
    if (name?.kind === "word") {
      if (changes || startsEmpty(tokens, index + 2)) yield { name: name.text, start: name.start };
    } else if (changes && name) {
      for (const inner of destructured(tokens, index + 1)) yield { name: inner.text, start: inner.start };
    }
  }
}

/** Whether `= new Map()`, `= new Set()`, `= []` or `= {}` stands at `index` and is all: nobody keeps one to leave it empty. */
function startsEmpty(tokens: readonly Token[], index: number): boolean {
  const next = tokens.slice(index, index + 7).map((token) => token.text);
  const text = next.join(" ");
  const match = /^= (?:new (?:Map|Set|WeakMap|WeakSet) \( \)|\[ \]|\{ \})(?: (\S+))?/.exec(text);
  return match !== null && !/^(?:[.[(?=]|\?\.|as|satisfies)/.test(match[1] ?? "");
}

/** The names that a pattern binds: words that are not followed by a colon. Defaults in it may add a word; that is rare. */
function* destructured(tokens: readonly Token[], index: number): Generator<Token> {
  const depth = tokens[index]?.depth ?? 0;
  for (let at = index + 1; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.depth <= depth) return;
    const previous = tokens[at - 1]?.text ?? "";
    if (token.kind === "word" && tokens[at + 1]?.text !== ":" && /^(?:[{[,:]|\.\.\.)$/.test(previous))
      yield token;
  }
}
