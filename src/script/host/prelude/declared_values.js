/** What is checked of the values that scripts declare something with. */
import { show } from "./arguments.js";
import { floor, isArray, isInteger, join, keys, stringify, TypeMistake } from "./builtins.js";

/** The most that a limit of users can be. */
const MAX_USERS = 1e9;

/** Throws TypeError if an object has a key that is not allowed; `hintOf` may say more of one. */
export function checkKeys(what, object, allowed, prefix, hintOf) {
  const own = keys(object);
  for (let i = 0; i < own.length; i++) {
    let known = false;
    for (let k = 0; k < allowed.length; k++) known ||= allowed[k] === own[i];
    if (known) continue;
    const hint = hintOf === undefined ? "" : hintOf(own[i]);
    throw new TypeMistake(
      what +
        ": unknown key " +
        stringify(prefix + own[i]) +
        hint +
        "; there is " +
        prefix +
        join(allowed, ", " + prefix),
    );
  }
}

/** Returns a value that must have a type where it is there. Throws TypeError. */
export function optional(what, definition, key, type) {
  const value = definition[key];
  if (value !== undefined && typeof value !== type) {
    throw new TypeMistake(what + ": " + key + " must be a " + type + ", not " + show(value));
  }
  return value;
}

/** Returns a number that must lie in a range where it is there. Throws TypeError. */
export function number(what, definition, key, least, most, whole = false) {
  const value = definition[key];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(value >= least && value <= most) || (whole && !isInteger(value))) {
    const range =
      most === MAX_USERS ? "a whole number from " + floor(least) : "a number from " + least + " to " + most;
    throw new TypeMistake(what + ": " + key + " must be " + range + ", not " + show(value));
  }
  return value;
}

/** Returns a limit of users; undefined where there is none, which Infinity says too. Throws TypeError. */
export function limit(what, definition, key) {
  if (definition[key] === 1 / 0) return undefined;
  return number(what, definition, key, 1, MAX_USERS, true);
}

/** Returns true if a value is an object and no array. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !isArray(value);
}
