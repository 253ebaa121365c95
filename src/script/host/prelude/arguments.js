/** Checks what scripts hand to the API, and writes it as JSON at the time of the call. */
import { placeOfBytes, warnOfSent } from "./losses.js";
import { dictionary, exec, isArray, stringify, TypeMistake } from "./builtins.js";
import { isBytes } from "./bytes.js";
import { namePattern, plainNamePattern, WORD_UNITS } from "./wire.js";

/** JSON text of names that passed the check: a script uses few, and the pattern costs more than all else in a call. */
let known = dictionary();
let knownCount = 0;
const MAX_KNOWN = 1000;

/** Returns a name as JSON text; undefined for any value that is not a name. */
function textOfName(value) {
  if (typeof value !== "string") return undefined;
  const text = known[value];
  if (text !== undefined) return text;
  if (exec(plainNamePattern, value) === null && exec(namePattern, value) === null) return undefined;
  if (++knownCount > MAX_KNOWN) {
    known = dictionary();
    knownCount = 1;
  }
  known[value] = stringify(value);
  return known[value];
}

/** Returns true if a value is a name. */
export function isName(value) {
  return textOfName(value) !== undefined;
}

/** Returns a name as JSON text. Throws TypeError: `room.broadcast: the type must be a name, not 5`. */
export function nameText(what, part, value) {
  const text = textOfName(value);
  if (text === undefined)
    throw new TypeMistake(what + ": the " + part + " must be a name, not " + show(value));
  return text;
}

/** Returns an argument as an error message shows it: short, and without asking the value anything. */
export function show(value) {
  if (typeof value === "string") return value.length > 80 ? "a long text" : stringify(value);
  if (typeof value === "symbol") return "a symbol";
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return value;
  return isArray(value) ? "an array" : "an object";
}

/** How many data of a sandbox are looked at for what JSON loses: so many first ones, then each of so many. */
const CLOSE_LOOKS = 1000;
const LOOK_EVERY = 16;
let written = 0;
let nextLook = 0;

/**
 * Returns data as JSON text, undefined for undefined; where `mayBeBytes`, as of what clients are sent, a Uint8Array as it is. Throws
 * TypeError where JSON can't carry it, and what its `toJSON` throws.
 */
export function dataText(what, data, mayBeBytes) {
  if (data === undefined) return undefined;
  let text;
  try {
    text = stringify(data);
  } catch (error) {
    // The script's own toJSON may throw anything, and so may an overflow: only JSON.stringify's complaint is reworded.
    if (error instanceof TypeMistake) {
      if (mayBeBytes && isBytes(data)) return data;
      const place = placeOfBytes(data);
      if (place !== undefined) {
        throw new TypeMistake(what + ": data" + place + "; bytes are sent as the whole data of a message");
      }
      throw new TypeMistake(what + ": the data can't be written as JSON: " + error.message);
    }
    throw error;
  }
  if (text === undefined)
    throw new TypeMistake(what + ": the data can't be written as JSON: it is a " + typeof data);
  if (++written >= nextLook) {
    nextLook = written + (written < CLOSE_LOOKS ? 1 : LOOK_EVERY);
    warnOfSent(what, data, text);
  }
  return text;
}

/** Returns a reason as JSON text, that of "" for undefined. Throws TypeError. */
export function reasonText(what, reason) {
  if (reason === undefined) return '""';
  if (typeof reason !== "string" || reason.length > WORD_UNITS) {
    throw new TypeMistake(
      what + ": the reason must be a text of at most " + WORD_UNITS + " characters, not " + show(reason),
    );
  }
  return stringify(reason);
}

/** Returns the id or name by which a user is meant: that of a user object, or the text itself. Throws TypeError. */
export function recipient(what, user) {
  const word = typeof user === "object" && user !== null ? user.id : user;
  if (typeof word !== "string" || word === "" || word.length > WORD_UNITS) {
    throw new TypeMistake(what + ": a user must be given as object, id or name, not " + show(user));
  }
  return word;
}

/** Returns one user or an array of them as the text of a JSON list of ids and names. Throws TypeError. */
export function recipientsText(what, users) {
  if (!isArray(users)) return "[" + stringify(recipient(what, users)) + "]";
  let text = "[";
  for (let i = 0; i < users.length; i++) {
    if (i > 0) text += ",";
    text += stringify(recipient(what, users[i]));
  }
  return text + "]";
}
