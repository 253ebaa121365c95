/** What may be shown of a text that comes from outside: it can neither begin a line, nor steer a terminal. */

/** Control characters, what some readers end lines at, and what turns the direction of writing. */
const unsafe = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** The same, but for ends of lines and tabs. */
const unsafeInLines = new RegExp(`(?![\\n\\t])${unsafe.source}`, "gu");
/** Those that JSON leaves as they are. */
const unsafeInJson = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Returns a text in one line, with `\u000a` and the like in place of what is not to be shown. */
export function printable(text: string): string {
  return text.replace(unsafe, escaped);
}

/** Returns a text of several lines in the same way, with those after the first indented by four spaces. */
export function printableLines(text: string): string {
  return text.replace(/\r?\n/g, "\n    ").replace(unsafeInLines, escaped);
}

/** Returns JSON text with what is not to be shown escaped; it says the same. */
export function printableJson(json: string): string {
  return json.replace(unsafeInJson, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
