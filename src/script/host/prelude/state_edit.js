/** Values that somebody outside puts into a state, or takes out of it. */
import {
  defineProperty,
  getOwnPropertyDescriptor,
  hasOwn,
  isArray,
  keys,
  parse,
  setPrototypeOf,
  stringify,
} from "./builtins.js";
import { step } from "./losses.js";
import { stateText } from "./state.js";

/** Steps of a path that are told. */
const MOST_TOLD = 100;
/** UTF-16 units of a value that is told. */
const LONGEST_TOLD = 1000;

/**
 * Puts `value` at a path of a script's state, with `insert` before what is at that place of a list, and takes what is there out
 * where there is no value. Where `expected` is given that must be there. Only own values are a way, so that no path leads to what a
 * script has inherited, and no setter runs. Returns `missing`, the part of the path that leads nowhere, `problem`, or `changed` and
 * `now`, the part of the path where something else is and that as JSON text; none of them where it is done, and then only has the
 * state changed.
 */
export function editState(script, edit) {
  const { path } = edit;
  const isRemoval = !hasOwn(edit, "value");
  const last = path.length - 1;
  if (last < 0) return replace(script, edit.value, isRemoval);
  let place = script.state;
  for (let i = 0; i < last; i++) {
    place = propertyOf(place, path[i])?.value;
    if (typeof place !== "object" || place === null) return nowhere(path, i);
  }
  const key = path[last];
  const before = propertyOf(place, key);
  // What is expected where nothing is any more has gone.
  if (hasOwn(edit, "expected") && !isExpected(place, before, edit.expected)) return other(path, before);
  if (edit.insert === true) return insert(script, place, edit);
  if (isRemoval) {
    if (before === undefined) return nowhere(path, last);
    takeOut(place, key);
    return done;
  }
  if (before === undefined && !mayAdd(place, key)) return nowhere(path, last);
  put(place, key, edit.value);
  const problem = problemIn(script);
  if (problem === undefined) return done;
  if (before === undefined) takeOut(place, key);
  else defineProperty(place, key, before);
  return { __proto__: null, problem };
}

const done = { __proto__: null };

/** Puts a value before another of a list, or behind its last. */
function insert(script, place, { path, value }) {
  const key = path[path.length - 1];
  if (!isArray(place) || typeof key !== "number" || key > place.length) return nowhere(path, path.length - 1);
  for (let i = place.length; i > key; i--) put(place, i, place[i - 1]);
  put(place, key, value);
  const problem = problemIn(script);
  if (problem === undefined) return done;
  takeOut(place, key);
  return { __proto__: null, problem };
}

/** Returns true if a property of a place has what is expected, as JSON carries it: in a list nothing is null. */
function isExpected(place, property, expected) {
  if (property === undefined) return false;
  const text = stringify(property.value) ?? (isArray(place) ? "null" : undefined);
  return text !== undefined && isSame(parse(text), expected);
}

/** Returns true if two values of JSON are the same, in whatever order objects have their keys. */
function isSame(one, another) {
  if (typeof one !== "object" || one === null || typeof another !== "object" || another === null)
    return one === another;
  const names = keys(one);
  if (isArray(one) !== isArray(another) || names.length !== keys(another).length) return false;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (!hasOwn(another, name) || !isSame(one[name], another[name])) return false;
  }
  return true;
}

/** Has a script go on with another state. */
function replace(script, value, isRemoval) {
  if (isRemoval || typeof value !== "object" || value === null)
    return { __proto__: null, problem: "the state must be an object or an array" };
  const before = script.state;
  script.state = value;
  const problem = problemIn(script);
  if (problem !== undefined) script.state = before;
  return { __proto__: null, problem };
}

/** Returns the descriptor of an own value; undefined where there is none by that key, or a getter. */
function propertyOf(place, key) {
  if (typeof key !== (isArray(place) ? "number" : "string")) return undefined;
  const property = getOwnPropertyDescriptor(place, key);
  if (property === undefined) return undefined;
  // As it is, so that it can be put back.
  setPrototypeOf(property, null);
  return property.enumerable && hasOwn(property, "value") ? property : undefined;
}

/** Returns true if a value can be put where there is none: at any key of an object, at the end of a list. */
function mayAdd(place, key) {
  if (isArray(place)) return key === place.length;
  return typeof key === "string" && getOwnPropertyDescriptor(place, key) === undefined;
}

function put(place, key, value) {
  defineProperty(place, key, {
    __proto__: null,
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** Takes a value out; in a list those behind it move up. */
function takeOut(place, key) {
  if (!isArray(place)) {
    delete place[key];
    return;
  }
  const end = place.length - 1;
  for (let i = key; i < end; i++) put(place, i, place[i + 1]);
  place.length = end;
}

/** Returns why a state can't be written, or is too large; undefined where neither is so. */
function problemIn({ state }) {
  try {
    stateText("the state", state);
    return undefined;
  } catch (error) {
    return error.message;
  }
}

function nowhere(path, at) {
  return { __proto__: null, missing: told(path, at) };
}

/** Tells that something else is at a path than was expected, and what, unless that is long. */
function other(path, property) {
  const text = property === undefined ? undefined : stringify(property.value);
  const now = text !== undefined && text.length <= LONGEST_TOLD ? '{"now":' + text + "}" : "{}";
  return { __proto__: null, changed: told(path, path.length - 1), now };
}

function told(path, at) {
  let text = "$";
  for (let i = 0; i <= at && i < MOST_TOLD; i++) text += step(path[i]);
  return text;
}
