/** What a state may be: plain data of a limited size, so that it can be written into a snapshot and read back. */
import { show } from "./arguments.js";
import { placeOf } from "./handler_place.js";
import { placeOfBytes, problemOfState } from "./losses.js";
import { bytesOf, NativeError, parse, stringify, TypeMistake } from "./builtins.js";
import { LimitError, stateLimit } from "./limits.js";

/**
 * Returns a state as JSON carries it, so that a room that never moved behaves like one that did. Throws TypeError where it is
 * no object or JSON would change it, Error where it is over its limit; `maker`, which is called `what`, has returned it.
 */
export function plainState(what, state, maker) {
  if (typeof state !== "object" || state === null || typeof state.then === "function") {
    const given = typeof state === "object" && state !== null ? "a promise" : show(state);
    throw new TypeMistake(what + " must return a plain object or an array, not " + given);
  }
  const problem = problemOfState(what, state);
  if (problem !== undefined) {
    const place = placeOf(maker);
    throw new TypeMistake(place === undefined ? problem : problem + " (" + place + ")");
  }
  const copy = parse(stateText("the state of " + what, state));
  if (typeof copy !== "object" || copy === null)
    throw new TypeMistake(what + " must return plain data, not a function");
  return copy;
}

/** Returns a state as JSON text, which is what moves and recoveries need. Throws where it isn't JSON or is over its limit. */
export function stateText(what, state) {
  return textOf(what, state, (message) => new NativeError(message));
}

/** As `stateText`, for the snapshot of a live script, whose state has outgrown its limit where it is over that. */
export function liveStateText(state) {
  return textOf("the state", state, (message) => new LimitError("state", message));
}

function textOf(what, state, tooLarge) {
  let text;
  try {
    text = stringify(state);
  } catch (error) {
    const place = error instanceof TypeMistake ? placeOfBytes(state) : undefined;
    throw place === undefined ? error : new TypeMistake(what + place);
  }
  if (text === undefined) throw new TypeMistake(what + " can't be written as JSON");
  if (isLarger(text, stateLimit)) {
    const size = bytesOf(text) + " (limits.state)";
    throw tooLarge(what + " is larger than " + stateLimit + " bytes: it has " + size);
  }
  return text;
}

/** Returns true if a text has more bytes than `limit`. */
export function isLarger(text, limit) {
  return text.length * 3 > limit && bytesOf(text) > limit;
}

/** Throws Error where the state of a script can't be part of a snapshot. */
export function checkState({ state }) {
  checkKind(state);
  stateText("the state", state);
}

/** Throws TypeError where a state is no object. */
export function checkKind(state) {
  if (typeof state === "object" && state !== null) return;
  throw new TypeMistake("the state must be a plain object or an array, not " + show(state));
}
