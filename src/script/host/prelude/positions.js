/** Where authors have what the engine tells of their code (docs/decisions/0010-positions.md). */
import { charCodeAt, indexOf } from "./builtins.js";

const COMMA = 44;
const PLUS = 43;
const AT = 64;

/** Where the map is read, and the number that was read last. */
let at = 0;
let value = 0;

/** Reads the number behind the sign that stands there. */
function readNumber(map) {
  value = 0;
  for (at++; ; at++) {
    const digit = charCodeAt(map, at) - 48;
    if (!(digit >= 0 && digit <= 9)) return;
    value = value * 10 + digit;
  }
}

/**
 * Returns the line and column of a position of the engine's, by the map of its file: `;line` and steps like `,5+7`, `,5=7` and
 * `,5@3:7`, of which the last counts that does not begin behind the position.
 */
export function authorPosition(map, line, column) {
  const found = { __proto__: null, line, column };
  const entry = ";" + line + ",";
  at = indexOf(map, entry);
  if (at < 0) return found;
  at += entry.length - 1;
  while (charCodeAt(map, at) === COMMA) {
    readNumber(map);
    const from = value;
    if (from > column) return found;
    const sign = charCodeAt(map, at);
    readNumber(map);
    found.line = line;
    found.column = sign === PLUS ? value + column - from : value;
    if (sign !== AT) continue;
    found.line = value;
    readNumber(map);
    found.column = value;
  }
  return found;
}

/**
 * Returns what of a position is told of an interrupt: the engine names the code before what it was about to run, which was
 * maybe jumped over. The map says what encloses it, `!9@3:7`.
 */
export function interruptedPosition(map, { line, column }) {
  const found = { __proto__: null, line, column };
  for (;;) {
    const entry = "!" + found.line + "@";
    at = indexOf(map, entry);
    if (at < 0) return found;
    at += entry.length - 1;
    readNumber(map);
    // What encloses lies before.
    if (value >= found.line) return found;
    found.line = value;
    readNumber(map);
    found.column = value;
  }
}
