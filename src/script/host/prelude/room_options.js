/** What scripts say of a room that they make or change, checked at the call, and written as JSON. */
import { dataText, isName, show } from "./arguments.js";
import {
  bytesOf,
  dictionary,
  isArray,
  isInteger,
  join,
  keys,
  list,
  slice,
  stringify,
  TypeMistake,
} from "./builtins.js";
import { definitions } from "./definition.js";
import { muted } from "./event.js";
import { MAX_META_BYTES, MAX_PASSWORD_UNITS } from "./wire.js";

/** No limit; JSON has no Infinity, and null stands for it. */
const NO_LIMIT = 1 / 0;
const ROOM = "room:";

const flag = [isBoolean, "true or false"];
const maxUsers = [
  (value) => value === NO_LIMIT || (isInteger(value) && value >= 1),
  "a whole number from 1, or Infinity",
];
const password = "a text of 1 to " + MAX_PASSWORD_UNITS + " characters";
const meta = [() => true];

/** What may be said where a room is made, and where it is changed: whether a value will do, and what is asked for. */
const inCreate = {
  __proto__: null,
  type: [isName, "a name"],
  maxUsers,
  keep: flag,
  locked: flag,
  hidden: flag,
  password: [isPassword, password],
  meta,
};
const inUpdate = {
  __proto__: null,
  maxUsers,
  locked: flag,
  hidden: flag,
  password: [(value) => value === null || isPassword(value), password + ", or null"],
  meta,
};

function isBoolean(value) {
  return typeof value === "boolean";
}

function isPassword(value) {
  return typeof value === "string" && value !== "" && value.length <= MAX_PASSWORD_UNITS;
}

/** Returns what is said of a room that is to be made, as JSON text. Throws TypeError where no room can be made so. */
export function createText(what, options) {
  if (options === undefined) options = dictionary();
  const checked = checkedOptions(what, options, inCreate);
  // A replay makes nothing, and the version that did may have had other types.
  if (!muted) checkType(what, checked.type);
  return textOf(what, checked);
}

/** Returns what is said of a room that is to be changed, as JSON text. Throws TypeError. */
export function updateText(what, options) {
  return textOf(what, checkedOptions(what, options, inUpdate));
}

/** Returns a copy of the options that are there. Throws TypeError where one is unknown, or its value won't do. */
function checkedOptions(what, options, allowed) {
  if (typeof options !== "object" || options === null || isArray(options)) {
    throw new TypeMistake(what + ": the options must be an object, not " + show(options));
  }
  const names = keys(options);
  const checked = dictionary();
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const check = allowed[name];
    if (check === undefined) {
      const known = join(keys(allowed), ", ");
      throw new TypeMistake(what + ": unknown option " + stringify(name) + "; there is " + known);
    }
    const value = options[name];
    if (value === undefined) continue;
    if (!check[0](value))
      throw new TypeMistake(what + ": " + name + " must be " + check[1] + ", not " + show(value));
    checked[name] = value === NO_LIMIT && name === "maxUsers" ? null : value;
  }
  return checked;
}

/** Throws TypeError where the version has no such room type, or has several and none was named. */
function checkType(what, type) {
  if (type !== undefined && definitions[ROOM + type] !== undefined) return;
  const all = keys(definitions);
  const types = list();
  for (let i = 0; i < all.length; i++) {
    if (definitions[all[i]].kind === "room") types[types.length] = stringify(slice(all[i], ROOM.length));
  }
  if (type === undefined && types.length === 1) return;
  const known = types.length === 0 ? "none" : join(types, ", ");
  if (type === undefined) throw new TypeMistake(what + ": type must be one of " + known);
  throw new TypeMistake(what + ": there is no type " + stringify(type) + " (there is " + known + ")");
}

function textOf(what, options) {
  const text = dataText(what, options);
  if (options.meta === undefined) return text;
  const metaText = stringify(options.meta);
  if (metaText === undefined)
    throw new TypeMistake(what + ": meta can't be written as JSON: it is a " + typeof options.meta);
  if (bytesOf(metaText) > MAX_META_BYTES)
    throw new TypeMistake(what + ": meta must have at most " + MAX_META_BYTES + " bytes as JSON");
  return text;
}
