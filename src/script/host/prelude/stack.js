/** The engine's stacks as their authors read them: frames of the version's files, in the places of its sources. */
import {
  charCodeAt,
  dictionary,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  indexOf,
  lastIndexOf,
  NativeError,
  slice,
  stringify,
} from "./builtins.js";
import { files } from "./limits.js";
import { authorPosition, interruptedPosition } from "./positions.js";

/** Classes between an error's own and Error that are looked at. */
const MAX_CLASSES = 10;

/**
 * Returns `{ text, position }` of an error's stack: each frame after a line break, without those of the prelude and of the error's
 * own constructors; and JSON text of the first position in a file of the version, else undefined. Throws what a proxy throws.
 */
export function framesOf(error, stack, isInterrupt = false) {
  const classes = classesOf(error);
  let text = "";
  let between = "";
  let position;
  for (let at = 0; at < stack.length; ) {
    let end = indexOf(stack, "\n", at);
    if (end < 0) end = stack.length;
    const line = slice(stack, at, end);
    const found = placed(line, isInterrupt && at === 0);
    at = end + 1;
    if (found !== undefined) {
      if (position === undefined && classes[found.name] === true) continue;
      text += between + "\n" + found.frame;
      between = "";
      position ??= found.position;
    } else if (indexOf(line, "(native)") >= 0) {
      // Built-ins are told of where the script called them, not where the prelude called the script.
      between += "\n" + line;
    }
  }
  return { __proto__: null, text, position };
}

/** Returns the names of the classes of an error that are not the language's own. */
function classesOf(error) {
  const names = dictionary();
  if (!(error instanceof NativeError)) return names;
  let prototype = getPrototypeOf(error);
  for (let i = 0; i < MAX_CLASSES && prototype !== null && prototype !== NativeError.prototype; i++) {
    const made = getOwnPropertyDescriptor(prototype, "constructor")?.value;
    if (typeof made === "function") names[getOwnPropertyDescriptor(made, "name")?.value] = true;
    prototype = getPrototypeOf(prototype);
  }
  return names;
}

/**
 * Returns a frame `    at name (file:line:column)` as its author has it, its name, and its position as JSON text; undefined
 * where its file is not one of the version, or the engine does not know the line.
 */
function placed(frame, isInterrupt) {
  const open = lastIndexOf(frame, "(");
  const start = open >= 0 ? open + 1 : indexOf(frame, "at ") + 3;
  const end = open >= 0 ? lastIndexOf(frame, ")") : frame.length;
  const second = lastIndexOf(frame, ":");
  const first = second > 0 ? lastIndexOf(frame, ":", second - 1) : -1;
  if (first < start || second > end) return undefined;
  const file = slice(frame, start, first);
  const map = files[file];
  if (map === undefined) return undefined;
  const lineNumber = slice(frame, first + 1, second);
  const columnNumber = slice(frame, second + 1, end);
  if (!isDigits(lineNumber) || !isDigits(columnNumber) || +lineNumber === 0) return undefined;
  const told = authorPosition(map, +lineNumber, +columnNumber);
  const { line, column } = isInterrupt ? interruptedPosition(map, told) : told;
  return {
    __proto__: null,
    name: slice(frame, indexOf(frame, "at ") + 3, open - 1),
    frame: slice(frame, 0, first + 1) + line + ":" + column + slice(frame, end),
    position: '{"file":' + stringify(file) + ',"line":' + line + ',"column":' + column + "}",
  };
}

/** Returns true if a text is a number of at most nine digits. */
function isDigits(text) {
  if (text.length === 0 || text.length > 9) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = charCodeAt(text, i);
    if (unit < 48 || unit > 57) return false;
  }
  return true;
}
