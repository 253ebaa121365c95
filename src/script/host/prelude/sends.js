/** What scripts send, as their definitions' `sends` declare it. */
import { keys, stringify, TypeMistake } from "./builtins.js";
import { definitions } from "./definition.js";
import { problemOf, validated } from "./schema.js";

/** How the key of a room type's definition begins. */
const ROOM = "room:";

/**
 * Returns what is to be sent of a message of that type: what its schema in `sends` makes of the data, else the data as they are. Throws
 * TypeError with the path where they do not fit; `what` names the call.
 */
export function sendable(sends, what, type, data) {
  const validate = sends?.[type];
  if (validate === undefined) return data;
  const { issues, value } = validated(validate, data);
  if (issues === undefined) return value;
  throw misfit(what, type, problemOf(issues));
}

/**
 * Returns what is to be sent to a room whose type is not known, as `sendable`: the data have to fit the schema of one of the room types
 * that declare the message. Where they fit several that make different things of them they stay as they are, and so where a room type
 * declares nothing at all.
 */
export function sendableSomewhere(what, type, data) {
  const all = keys(definitions);
  let problem;
  let hasFound = false;
  let found = data;
  for (let i = 0; i < all.length; i++) {
    const { kind, sends } = definitions[all[i]];
    if (kind !== "room") continue;
    if (sends === undefined) return data;
    const validate = sends[type];
    if (validate === undefined) continue;
    const { issues, value } = validated(validate, data);
    if (issues !== undefined) problem ??= problemOf(issues);
    else {
      found = !hasFound || isSame(found, value) ? value : data;
      if (hasFound && found === data) return data;
      hasFound = true;
    }
  }
  if (hasFound || problem === undefined) return found;
  throw misfit(what, type, problem);
}

/** Returns true if two values are the same as JSON. */
function isSame(one, other) {
  if (one === other) return true;
  try {
    return stringify(one) === stringify(other);
  } catch {
    // Bytes, or what can't be sent in any case.
    return false;
  }
}

function misfit(what, type, problem) {
  return new TypeMistake(
    what + ": the data of " + stringify(type) + " does not fit its schema in sends: " + problem,
  );
}

/** Returns what a room type declares to send, or without one the application; undefined where that declares nothing. */
export function sendsOf(type) {
  return definitions[type === undefined ? "application" : ROOM + type]?.sends;
}
