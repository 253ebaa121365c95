/** How values are written for authors: on one line each but for errors, bounded, whatever the value does when it is looked at. */
import {
  getOwnPropertyDescriptor,
  hasOwn,
  isArray,
  join,
  keys,
  mapEach,
  NativeDate,
  NativeError,
  NativeMap,
  NativePromise,
  NativeSet,
  setEach,
  slice,
  sourceOfDate,
  stringify,
  toText,
} from "./builtins.js";
import { env } from "./readable.js";
import { framesOf } from "./stack.js";

/** Levels of objects in objects that are written, and entries of each. */
const MAX_DEPTH = 4;
const MAX_ENTRIES = 100;
/** Errors of an AggregateError that are written. */
const MAX_ERRORS = 10;
/** UTF-16 units of an error's stack that are written. */
const MAX_STACK_UNITS = 2000;

/**
 * Returns one value as text, of about `limit` UTF-16 units at most; a value that is a text itself is returned as it is.
 */
export function inspect(value, limit) {
  const out = { __proto__: null, text: "", limit, above: undefined };
  if (typeof value === "string") return value.length > limit ? slice(value, 0, limit) + "…" : value;
  write(out, value, 0);
  return out.text;
}

/** Writes a value that lies so many levels deep. */
function write(out, value, depth) {
  if (out.text.length > out.limit) return;
  try {
    if (typeof value === "string") out.text += stringify(slice(value, 0, out.limit));
    else if (typeof value === "bigint") out.text += toText(value) + "n";
    else if (typeof value === "symbol") out.text += toText(value);
    else if (typeof value === "function") out.text += functionText(value);
    else if (typeof value !== "object" || value === null) out.text += value;
    else writeObject(out, value, depth);
  } catch (error) {
    // A proxy's trap or a revoked proxy; limits must go on their way.
    if (!(error instanceof NativeError)) throw error;
    out.text += "[unreadable]";
  }
}

function functionText(value) {
  const name = getOwnPropertyDescriptor(value, "name")?.value;
  return typeof name === "string" && name !== "" ? "[function " + name + "]" : "[function]";
}

function writeObject(out, value, depth) {
  for (let above = out.above; above !== undefined; above = above.above) {
    if (above.value === value) {
      out.text += "[circular]";
      return;
    }
  }
  if (depth >= MAX_DEPTH) {
    out.text += isArray(value) ? "[…]" : "{…}";
    return;
  }
  if (value === env) {
    // Whoever logs it wants to know what is there, not to have it in the log.
    out.text += "[" + join(keys(env), ", ") + "]";
    return;
  }
  if (value instanceof NativeError) {
    writeError(out, value, depth);
    return;
  }
  const above = out.above;
  out.above = { __proto__: null, value, above };
  if (isArray(value)) writeArray(out, value, depth);
  else if (value instanceof NativeDate) out.text += sourceOfDate(value);
  else if (value instanceof NativeMap) writeMap(out, value, depth);
  else if (value instanceof NativeSet) writeSet(out, value, depth);
  else if (value instanceof NativePromise) out.text += "[promise]";
  else writeProperties(out, value, depth);
  out.above = above;
}

function writeError(out, error, depth) {
  const stack = getOwnPropertyDescriptor(error, "stack")?.value;
  out.text += slice(error.name + ": " + error.message, 0, out.limit);
  if (typeof stack === "string") out.text += framesOf(error, slice(stack, 0, MAX_STACK_UNITS)).text;
  writeCauses(out, error, depth);
}

/** Writes what an error names as its cause, and the errors that it stands for, each on lines of its own. */
function writeCauses(out, error, depth) {
  const above = out.above;
  out.above = { __proto__: null, value: error, above };
  const cause = getOwnPropertyDescriptor(error, "cause");
  if (cause !== undefined && hasOwn(cause, "value")) writeCause(out, "cause: ", cause.value, depth);
  const errors = getOwnPropertyDescriptor(error, "errors")?.value;
  for (let i = 0; isArray(errors) && i < errors.length && i < MAX_ERRORS; i++) {
    writeCause(out, i + 1 + " of " + errors.length + ": ", errors[i], depth);
  }
  out.above = above;
}

function writeCause(out, label, value, depth) {
  if (out.text.length > out.limit) return;
  out.text += "\n" + label;
  write(out, value, depth + 1);
}

/** Returns what an error says of its causes, of about `limit` UTF-16 units at most, "" where it says nothing. */
export function causesOf(error, limit) {
  const out = { __proto__: null, text: "", limit, above: undefined };
  writeCauses(out, error, 0);
  return out.text;
}

function writeArray(out, array, depth) {
  out.text += "[";
  for (let i = 0; i < array.length && out.text.length <= out.limit; i++) {
    if (i > 0) out.text += ", ";
    if (i === MAX_ENTRIES) {
      out.text += "… " + (array.length - i) + " more";
      break;
    }
    write(out, array[i], depth + 1);
  }
  out.text += "]";
}

function writeMap(out, map, depth) {
  out.text += "Map {";
  let first = true;
  mapEach(map, (value, key) => {
    if (out.text.length > out.limit) return;
    out.text += first ? " " : ", ";
    first = false;
    write(out, key, depth + 1);
    out.text += " => ";
    write(out, value, depth + 1);
  });
  out.text += first ? "}" : " }";
}

function writeSet(out, set, depth) {
  out.text += "Set {";
  let first = true;
  setEach(set, (value) => {
    if (out.text.length > out.limit) return;
    out.text += first ? " " : ", ";
    first = false;
    write(out, value, depth + 1);
  });
  out.text += first ? "}" : " }";
}

function writeProperties(out, object, depth) {
  const own = keys(object);
  out.text += "{";
  for (let i = 0; i < own.length && out.text.length <= out.limit; i++) {
    out.text += i > 0 ? ", " : " ";
    if (i === MAX_ENTRIES) {
      out.text += "… " + (own.length - i) + " more";
      break;
    }
    out.text += own[i] + ": ";
    // Looking at a getter would run code of the script.
    const property = getOwnPropertyDescriptor(object, own[i]);
    if (property === undefined || !hasOwn(property, "value")) out.text += "[getter]";
    else write(out, property.value, depth + 1);
  }
  out.text += own.length === 0 ? "}" : " }";
}
