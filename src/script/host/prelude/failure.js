/**
 * What is told of a handler that did not succeed: to the client a sentence, to the log the error in source coordinates.
 */
import { show } from "./arguments.js";
import { charCodeAt, crossable, indexOf, lastIndexOf, slice, stringify } from "./builtins.js";
import { files, LimitError } from "./limits.js";
import { authorPosition, interruptedPosition } from "./positions.js";
import { refusalOf } from "./refusal.js";
import { STATUS_HANDLER_FAILED, STATUS_INVALID_DATA, STATUS_NO_HANDLER, STATUS_REFUSED } from "./wire.js";

/** UTF-16 units of a message and of a stack that are kept. */
const LONGEST_MESSAGE = 2000;
const LONGEST_STACK = 4000;

/**
 * Returns a failure: status of its outcome, `FailureBody` as JSON text where it has one, and the limit that was passed.
 */
function failure(status, text, limit) {
  return { __proto__: null, status, text, limit };
}

/** Returns the failure of an event that the script has refused. */
function refused({ reason, data }) {
  // The data is text within the text: nobody on the way needs to read it.
  const more = data === undefined ? "" : ',"data":' + stringify(data);
  return failure(STATUS_REFUSED, '{"message":' + stringify(crossable(reason)) + more + "}");
}

/** Returns the failure of an event that no handler takes; the server knows all there is to tell. */
export function noHandler() {
  return failure(STATUS_NO_HANDLER);
}

/** Returns the failure of a message whose data does not fit its schema. */
export function invalidData(what, problem) {
  const message = slice("Cannot handle " + stringify(what) + ": " + problem + ".", 0, LONGEST_MESSAGE);
  return failure(STATUS_INVALID_DATA, '{"message":' + stringify(crossable(message)) + "}");
}

/**
 * Returns the failure of a handler that has thrown or was ended by a limit; `detail` and `position` are those of
 * `frames`.
 */
function handlerFailed(what, { detail, position }, limit) {
  let text =
    '{"message":' + stringify(crossable("Cannot handle " + stringify(what) + ": its handler failed."));
  text += ',"detail":' + stringify(crossable(detail));
  if (position !== undefined) text += ',"position":' + position;
  if (limit !== undefined) text += ',"limit":"' + limit + '"';
  return failure(STATUS_HANDLER_FAILED, text + "}", limit);
}

/** Returns the failure of a handler that a limit ended; the engine's error, where it is at hand, knows the place. */
export function ended(what, message, limit, error) {
  let stack = "";
  try {
    if (typeof error?.stack === "string") stack = slice(error.stack, 0, LONGEST_STACK);
  } catch {
    // The place is lost where the script has put a getter that throws in its way.
  }
  return handlerFailed(what, frames(message, stack, limit === "cpu"), limit);
}

/** Returns the failure that a thrown value stands for, whatever the value is. */
export function failureOf(what, error) {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refused(refusal);
  const described = describe(error);
  // Without memory for an error the engine throws null, and a replay would do so again. It may be the script's own null,
  // which then costs a snapshot.
  const limit = error === null ? "memory" : LimitError.limitOf(error);
  return handlerFailed(what, described, limit);
}

/** Returns a thrown value in words, as `frames` does. Getters of the error run as part of the event. */
export function describe(error) {
  if (typeof error !== "object" || error === null) {
    return {
      __proto__: null,
      message: show(error) + " was thrown",
      detail: show(error) + " was thrown",
    };
  }
  let message = "an error that can't be read was thrown";
  let stack = "";
  let isInterrupt = false;
  try {
    const { name, message: text, stack: trace } = error;
    isInterrupt = name === "InternalError" && text === "interrupted";
    if (typeof text === "string") {
      const label = typeof name === "string" && name !== "" ? name : "Error";
      message = slice(label + ": " + text, 0, LONGEST_MESSAGE);
    } else {
      message = show(error) + " was thrown";
    }
    if (typeof trace === "string") stack = slice(trace, 0, LONGEST_STACK);
  } catch {
    // A getter or a proxy that throws: what was read so far is all there is.
  }
  return frames(message, stack, isInterrupt);
}

/**
 * Returns `{ message, detail, position }`: `detail` is the message, and the stack without the prelude's frames; `position` is
 * JSON text of the first frame in a file of the version, else undefined. Where an interrupt came, the engine tells only about.
 */
function frames(message, stack, isInterrupt) {
  let detail = message;
  let between = "";
  let position;
  for (let at = 0; at < stack.length; ) {
    let end = indexOf(stack, "\n", at);
    if (end < 0) end = stack.length;
    const line = slice(stack, at, end);
    const found = placed(line, isInterrupt && at === 0);
    at = end + 1;
    if (found !== undefined) {
      detail += between + "\n" + found.frame;
      between = "";
      position ??= found.position;
    } else if (indexOf(line, "(native)") >= 0) {
      // Built-ins are told of where the script called them, not where the prelude called the script.
      between += "\n" + line;
    }
  }
  return { __proto__: null, message, detail, position };
}

/**
 * Returns a frame `    at name (file:line:column)` as its author has it, and its position as JSON text; undefined where its
 * file is not one of the version, or the engine does not know the line.
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
