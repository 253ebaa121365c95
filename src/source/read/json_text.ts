import { errorAt } from "./position.ts";

/**
 * JSON.parse with an error that says where: a BuildError at the first character that is not JSON. The engines' own
 * messages differ, and JavaScriptCore's hold no position.
 */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, message } = new Checker(text).run();
    throw errorAt(file, text, offset, `Invalid JSON: ${message}`);
  }
}

interface Fault {
  offset: number;
  message: string;
}

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a JSON string may not hold
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const space = /[ \t\r\n]*/y;

/** Walks JSON with a stack of its own, so that depth is no danger, and stops at the first fault. */
class Checker {
  private offset = 0;

  constructor(private readonly text: string) {}

  run(): Fault {
    const open: ("}" | "]")[] = [];
    let expected: "value" | "first" | "key" | "next" = "value";
    for (;;) {
      this.take(space);
      const close = open.at(-1);
      const character = this.text[this.offset];
      if (character === "/") return this.fault("JSON has no comments.");
      if (expected === "next") {
        if (close === undefined) return this.fault("expected the end of the file.");
        if (character === close) open.pop();
        else if (character === ",") expected = close === "}" ? "key" : "value";
        else return this.fault(`expected "," or "${close}".`);
        this.offset++;
        continue;
      }
      if (expected === "first" && character === close) {
        open.pop();
        this.offset++;
        expected = "next";
        continue;
      }
      if (expected === "key" || (expected === "first" && close === "}")) {
        if (!this.take(string)) return this.fault("expected a name in double quotes.");
        this.take(space);
        if (this.text[this.offset] !== ":") return this.fault('expected ":".');
        this.offset++;
        expected = "value";
        continue;
      }
      if (character === "{" || character === "[") {
        open.push(character === "{" ? "}" : "]");
        this.offset++;
        expected = "first";
      } else if (this.take(string) || this.take(scalar)) expected = "next";
      else return this.fault(character === "'" ? "texts have double quotes." : "expected a value.");
    }
  }

  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.offset;
    if (!pattern.test(this.text)) return false;
    this.offset = pattern.lastIndex;
    return true;
  }

  private fault(message: string): Fault {
    if (this.offset >= this.text.length) return { offset: this.text.length, message: "it ends too early." };
    return { offset: this.offset, message };
  }
}
