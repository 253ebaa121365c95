/** What JSON would change of a value: an error of what makes a state, and a warning, once for each path, of what is left in one or sent. */
import { noteOnce } from "./answer.js";
import {
  dictionary,
  exec,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  indexOf,
  isArray,
  isView,
  keys,
  list,
  NativeError,
  NativeMap,
  NativeSet,
  parse,
  plainPrototypes,
  slice,
  stringify,
  toText,
} from "./builtins.js";
import { isBytes } from "./bytes.js";
import { kind, muted, script, turn } from "./event.js";
import { kindNames } from "./wire.js";
import { handlerPlace } from "./handler_place.js";
import { framesOf } from "./stack.js";

/** Values of a first state that are looked at, of a state in a snapshot, of one after an event, and of what is sent. */
const FIRST_STATE_VALUES = 20_000;
export const SNAPSHOT_VALUES = 2000;
const EVENT_VALUES = 200;
const SENT_VALUES = 1000;
const CIRCLE = "a circle, which JSON can't write";
const BYTES = "a Uint8Array, which JSON can't write";
/** UTF-16 units of a text that is searched for what may have got lost: a search takes long in a process that has just started. */
const MAX_SEARCHED_UNITS = 4096;
/** Levels above a value among which it is looked for, to find a circle. */
const MAX_ANCESTORS = 20;
/** UTF-16 units of a path that are told. */
const MAX_PATH_UNITS = 200;
/** UTF-16 units of what a warning is of. */
const MAX_OF_UNITS = 1000;
/** Paths of which a sandbox tells. */
const MAX_TOLD = 100;

/** How many events of a sandbox have the state looked at: so many first ones, then each of so many. */
const CLOSE_LOOKS = 300;
const LOOK_EVERY = 10_000;
/** The event after which the state is looked at next. */
export let nextLook = 0;

/** Paths of which it was told, with digits made one. */
const told = dictionary();
let toldCount = 0;

const word = /^[A-Za-z_$][\w$]*$/;

/**
 * Calls `isEnough(path, what)` for the values within `value` that JSON would change, level by level, until it returns true; not for
 * those behind the first `most`, nor for one in a list that is like the one before. Of what `isSent` only what gets lost counts: a Date
 * is sent as its text, an object of a class as a plain one.
 */
function eachLoss(value, most, isSent, isEnough) {
  if (typeof value !== "object" || value === null) {
    const what = primitiveLoss(value, false);
    if (what !== undefined) isEnough("", what);
    return;
  }
  // Objects, the place of what each lies in, and its name there.
  const objects = list();
  const parents = list();
  const names = list();
  objects[0] = value;
  parents[0] = -1;
  let looks = 0;
  for (let at = 0; at < objects.length && looks < most; at++) {
    const object = objects[at];
    const what = isAbove(objects, parents, at) ? CIRCLE : objectLoss(object, isSent);
    if (what !== undefined) {
      if (isEnough(pathOf(parents, names, at), what)) return;
      continue;
    }
    // The text that a class makes of itself is its own affair.
    if (isSent && typeof object.toJSON === "function") continue;
    const isList = isArray(object);
    const own = isList ? object : keys(object);
    let before;
    for (let i = 0; i < own.length && looks < most; i++) {
      looks++;
      const name = isList ? i : own[i];
      // A getter may do anything when it is read.
      const property = getOwnPropertyDescriptor(object, name);
      const inner = property !== undefined && hasOwn(property, "value") ? property.value : undefined;
      if (typeof inner === "string" || typeof inner === "boolean" || inner === null) continue;
      if (typeof inner === "object") {
        parents[objects.length] = at;
        names[objects.length] = name;
        objects[objects.length] = inner;
        continue;
      }
      const what = primitiveLoss(inner, isList);
      if (what === undefined || (isList && what === before)) continue;
      before = what;
      if (isEnough(pathOf(parents, names, at) + step(name), what)) return;
    }
  }
}

/** Tells of the same with `tellOf(path, what)`, those before a proxy's trap that throws: a look must not fail the event. */
function tellEach(value, most, isSent, tellOf) {
  if (toldCount >= MAX_TOLD) return;
  try {
    eachLoss(value, most, isSent, (path, what) => {
      tellOf(path, what);
      return toldCount >= MAX_TOLD;
    });
  } catch {
    // What can't be read is not written either: a snapshot tells.
  }
}

/** Returns what a value is that is no object, with what JSON makes of it; undefined where it stays what it is. */
function primitiveLoss(value, isInArray) {
  switch (typeof value) {
    case "number":
      return value - value === 0 ? undefined : toText(value) + ", which JSON makes null";
    case "undefined":
      return isInArray ? "undefined, which JSON makes null" : undefined;
    case "function":
    case "symbol":
      return "a " + typeof value + ", which JSON " + (isInArray ? "makes null" : "leaves out");
    case "bigint":
      return "a BigInt, which JSON can't write";
    default:
      return undefined;
  }
}

/** Returns the same of an object by itself, whatever is in it. */
function objectLoss(value, isSent) {
  const prototype = getPrototypeOf(value);
  if (prototype === null || plainPrototypes[0] === prototype || plainPrototypes[1] === prototype)
    return undefined;
  if (isBytes(value)) return BYTES;
  const isKept = isSent && (typeof value.toJSON === "function" || (keys(value).length > 0 && !isView(value)));
  if (isKept) return undefined;
  const name = getOwnPropertyDescriptor(prototype, "constructor")?.value?.name;
  const label = typeof name === "string" && exec(word, name) !== null ? name : "object of a class";
  return (exec(/^[AEIO]/i, label) === null ? "a " : "an ") + label + becomes(value, label);
}

function becomes(value, label) {
  if (label === "Date") return ", which JSON makes a text";
  if (value instanceof NativeMap || value instanceof NativeSet) return ", which JSON makes {}";
  return ", which JSON makes another object";
}

/** Returns true if a value is one of those that it lies in. */
function isAbove(values, parents, at) {
  let above = parents[at];
  for (let i = 0; i < MAX_ANCESTORS && above >= 0; i++) {
    if (values[above] === values[at]) return true;
    above = parents[above];
  }
  return false;
}

/** Returns the way to an object: `.players[3].best`. */
function pathOf(parents, names, at) {
  let path = "";
  for (let place = at; parents[place] >= 0 && path.length < MAX_PATH_UNITS; place = parents[place]) {
    path = step(names[place]) + path;
  }
  return slice(path, 0, MAX_PATH_UNITS);
}

/** Returns one step of it. */
export function step(name) {
  if (typeof name === "number") return "[" + name + "]";
  return exec(word, name) !== null ? "." + name : "[" + stringify(slice(name, 0, MAX_PATH_UNITS)) + "]";
}

/** Returns what is wrong with what `what` has returned, a state: `state().fastest is Infinity, which JSON makes null`; else undefined. */
export function problemOfState(what, state) {
  let problem;
  eachLoss(state, FIRST_STATE_VALUES, false, (path, loss) => {
    problem = what + path + " is " + loss;
    return true;
  });
  return problem;
}

/** Returns where bytes lie in a value that JSON can't write for them, with what they are: `.image is a Uint8Array, …`; else undefined. */
export function placeOfBytes(value) {
  let place;
  eachLoss(value, FIRST_STATE_VALUES, true, (path, loss) => {
    if (loss === BYTES) place = path + " is " + loss;
    return place !== undefined;
  });
  return place;
}

/** Warns of what JSON would change of a state, where `most` values of it are looked at; `when` ends the sentence. */
export function warnOfState(type, state, most, when) {
  const name = type === undefined ? "app.state" : "room.state";
  tellEach(state, most, false, (path, what) => {
    const text = name + path + " is " + what;
    tell(type + " " + text, text + when);
  });
}

/** Warns of what JSON would change of what the running event, which is called `label`, has left in the state. */
export function lookAtState(label) {
  if (muted) return;
  nextLook = turn + (turn < CLOSE_LOOKS ? 1 : LOOK_EVERY);
  const of = kindNames[kind];
  const event = label === of ? of : of + " " + stringify(label);
  const place = handlerPlace();
  const when = " (seen after " + event + (place === undefined ? ")" : ", " + place + ")");
  warnOfState(script.type, script.state, EVENT_VALUES, when);
}

/** What the text of data has in it that JSON has made of something else, or may have. */
const traces = list();
traces[0] = "null";
traces[1] = "{}";
traces[2] = '{"0":';

/** Warns of what got lost of data on its way into `text`; `what` names the call. */
export function warnOfSent(what, data, text) {
  if (muted || text.length > MAX_SEARCHED_UNITS) return;
  let isSuspect = false;
  for (let i = 0; i < traces.length; i++) isSuspect ||= indexOf(text, traces[i]) >= 0;
  if (!isSuspect) return;
  let place;
  tellEach(data, SENT_VALUES, true, (path, loss) => {
    place ??= placeOfCall();
    const warning = what + ": data" + path + " is " + loss + place;
    tell(warning, warning);
  });
}

/** Returns where the script is in its call, or else where its handler begins: ` (rooms/match.ts:12:5)`. */
function placeOfCall() {
  const { position } = framesOf(undefined, new NativeError().stack);
  if (position === undefined) {
    const place = handlerPlace();
    return place === undefined ? "" : " (" + place + ")";
  }
  const { file, line, column } = parse(position);
  return " (" + file + ":" + line + ":" + column + ")";
}

/**
 * Logs a warning, the first time only for what `of` names; a number in it, as that of a place in a list, tells no other one. What the
 * script has told in another sandbox the server knows.
 */
function tell(of, text) {
  const key = slice(digitless(of), 0, MAX_OF_UNITS);
  if (told[key] === true || toldCount >= MAX_TOLD || !noteOnce(key, text + ".")) return;
  told[key] = true;
  toldCount++;
}

/** Returns a text whose runs of digits are each one 0. */
function digitless(text) {
  let result = "";
  let rest = text;
  for (let found = exec(/\d+/, rest); found !== null; found = exec(/\d+/, rest)) {
    result += slice(rest, 0, found.index) + "0";
    rest = slice(rest, found.index + found[0].length);
  }
  return result + rest;
}
