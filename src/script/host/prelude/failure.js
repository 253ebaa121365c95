/**
 * What is told of a handler that did not succeed: to the client a sentence, to the log the error in source coordinates.
 */
import { show } from "./arguments.js";
import { crossable, NativeError, slice, stringify } from "./builtins.js";
import { shortage, wasRefused } from "./event.js";
import { handlerPosition, placeOf, positionOf } from "./handler_place.js";
import { causesOf, inspect } from "./inspect.js";
import { LimitError, memoryLimit, totalMemoryLimit } from "./limits.js";
import { masked } from "./readable.js";
import { refusalOf } from "./refusal.js";
import { framesOf } from "./stack.js";
import {
  MESSAGE_UNITS,
  SHORTAGE_HOST,
  STATUS_HANDLER_FAILED,
  STATUS_INVALID_DATA,
  STATUS_NO_HANDLER,
  STATUS_REFUSED,
} from "./wire.js";

/** UTF-16 units of a message and of a stack that are kept. */
const LONGEST_MESSAGE = 2000;
const LONGEST_STACK = 4000;
/** UTF-16 units, about, of an object that was thrown, and of what caused an error. */
const LONGEST_SHOWN = 500;
const LONGEST_CAUSES = 2000;

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

/** Returns the failure of an edit whose path leads nowhere; `steps` says how far it leads. */
export function nowhere(steps) {
  const reason = slice("The state has nothing at " + steps + ".", 0, MESSAGE_UNITS);
  return refused({ __proto__: null, reason, data: undefined });
}

/** Returns the failure of an edit that expected something else at a path; `now` is what is told of what is there, as JSON text. */
export function changed(steps, now) {
  const reason = slice("The state has something else than expected at " + steps + ".", 0, MESSAGE_UNITS);
  return refused({ __proto__: null, reason, data: now });
}

/** Returns the failure of a timer whose data does not fit its schema; `handle` is its handler. */
export function misfit(what, problem, handle) {
  const at = positionOf(handle);
  const detail = slice(
    "The data does not fit the schema of timers." + what + ": " + problem,
    0,
    LONGEST_MESSAGE,
  );
  const frame = at === undefined ? "" : "\n    at handle (" + placeOf(handle) + ")";
  const position = at === undefined ? undefined : stringify(at);
  return handlerFailed(what, { __proto__: null, detail: detail + frame, position });
}

/**
 * Returns the failure of a handler that has thrown or was ended by a limit; `detail` and `position` as of `describe`, `short` as of
 * `whoseIsShort` where others have taken the memory.
 */
function handlerFailed(what, { detail, position }, limit, short) {
  let text =
    '{"message":' + stringify(crossable("Cannot handle " + stringify(what) + ": its handler failed."));
  text += ',"detail":' + stringify(crossable(detail));
  if (position !== undefined) text += ',"position":' + position;
  if (limit !== undefined) text += ',"limit":"' + limit + '"';
  if (short !== undefined) text += ',"shortage":"' + short + '"';
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
  const { text, position } = framesOf(undefined, stack, limit === "cpu");
  return handlerFailed(what, { __proto__: null, detail: message + text, position }, limit);
}

/** Returns the failure that a thrown value stands for, whatever the value is. */
export function failureOf(what, error) {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refused(refusal);
  const described = describe(error);
  // What is no error knows no place. The engine's null comes where there is no memory, and is told as it is.
  if (described.position === undefined && error !== null) {
    const at = handlerPosition();
    if (at !== undefined) described.position = stringify(at);
  }
  // Without memory for an error the engine throws null, and a replay would do so again. It may be the script's own null,
  // which then costs a snapshot.
  const limit = error === null ? "memory" : LimitError.limitOf(error);
  const short = limit === "memory" && wasRefused() ? whoseIsShort() : undefined;
  if (error !== null && limit === "memory")
    described.detail = (short === undefined ? neededOfOne() : neededOfAll()) + ": " + described.detail;
  return handlerFailed(what, described, limit, short);
}

/** Returns the failure of an event that has ended and for which the heap has grown further than it may. */
export function outgrown(what) {
  const described = { __proto__: null, detail: neededOfAll() + ".", position: undefined };
  return handlerFailed(what, described, "memory", whoseIsShort());
}

/** Returns that a sandbox has too little memory, in words. */
function neededOfOne() {
  return "More memory was needed than the " + memoryLimit + " bytes of a sandbox (limits.memory)";
}

/** Returns whose sandboxes have too little memory together: "application" or "host". */
function whoseIsShort() {
  return shortage() === SHORTAGE_HOST ? "host" : "application";
}

/** Returns that all sandboxes have too little memory, in words. */
function neededOfAll() {
  if (whoseIsShort() === "host")
    return "More memory was needed than the script host has left for all applications (--host-memory)";
  const whose = " bytes that all sandboxes of the application may take (limits.totalMemory)";
  return "More memory was needed than is left of the " + totalMemoryLimit + whose;
}

/**
 * Returns a thrown value in words, `{ message, detail, position }`: `detail` is the message, the stack and what caused it, and
 * `position` JSON text of where it was thrown, undefined where that can't be told. Getters of the error run as part of the event.
 */
export function describe(error) {
  let message = "an error that can't be read was thrown";
  let detail = message;
  let position;
  try {
    if (typeof error !== "object" || error === null) {
      message = detail = masked(show(error) + " was thrown");
      return { __proto__: null, message, detail, position };
    }
    const { name, message: text, stack } = error;
    const isError = error instanceof NativeError;
    if (isError || typeof text === "string") {
      const label = typeof name === "string" && name !== "" ? name : "Error";
      message = detail = slice(typeof text === "string" ? label + ": " + text : label, 0, LONGEST_MESSAGE);
    } else {
      message = detail = inspect(error, LONGEST_SHOWN) + " was thrown";
    }
    if (typeof stack === "string") {
      const isInterrupt = name === "InternalError" && text === "interrupted";
      const frames = framesOf(error, slice(stack, 0, LONGEST_STACK), isInterrupt);
      detail += frames.text;
      position = frames.position;
    }
    if (isError) detail += causesOf(error, LONGEST_CAUSES);
    else if (typeof text === "string") detail += "\n" + inspect(error, LONGEST_SHOWN);
  } catch {
    // A getter or a proxy that throws: what was read so far is all there is.
  }
  return { __proto__: null, message: masked(message), detail: masked(detail), position };
}
