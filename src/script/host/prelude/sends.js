/** What scripts send, as their definitions' `sends` declare it. */
import { stringify, TypeMistake } from "./builtins.js";
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
  throw new TypeMistake(
    what + ": the data of " + stringify(type) + " does not fit its schema in sends: " + problemOf(issues),
  );
}

/** Returns what a room type declares to send, or without one the application; undefined where that declares nothing. */
export function sendsOf(type) {
  return definitions[type === undefined ? "application" : ROOM + type]?.sends;
}
