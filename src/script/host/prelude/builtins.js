/**
 * The built-ins as they were before any script ran. Scripts may replace every global and pollute every prototype; the
 * prelude uses only what is captured here, own properties, objects and lists without a prototype, and no syntax that
 * calls a method behind the scenes: spread, destructuring of arrays, for-of, and templates, which this engine compiles to
 * calls of String.prototype.concat.
 */
const bind = Function.prototype.bind;
/** Turns a method into a function whose first argument is `this`. */
export const uncurry = Reflect.apply(bind, bind, [Function.prototype.call]);

/** Returns a function with its `this`, which is much cheaper to call than `apply` with a list. */
export const bound = (target, self) => apply(bind, target, [self]);

export const { apply, construct } = Reflect;
export const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, keys, setPrototypeOf } =
  Object;
export const { isArray } = Array;
export const { isInteger } = Number;
export const { isView } = ArrayBuffer;
/** The prototypes of plain objects and of arrays. */
export const plainPrototypes = setPrototypeOf([Object.prototype, Array.prototype], null);
export const { parse, stringify } = JSON;
export const { ceil, floor, min } = Math;
export const NativeDate = Date;
/** Returns the real time, whole ms; much cheaper to call than `performance.now`. */
export const realTime = Date.now;
const { performance } = globalThis;
/** Returns the time that has passed since some moment, ms, with fractions. */
export const monotonicTime = bind.call(performance.now, performance);
export const NativePromise = Promise;
export const NativeRegExp = RegExp;
export const NativeError = Error;
export const NativeArrayBuffer = ArrayBuffer;
export const NativeMap = Map;
export const NativeSet = Set;
export const OutOfMemory = InternalError;
export const StackOverflow = RangeError;
export const TypeMistake = TypeError;
export const SyntaxMistake = SyntaxError;
export const toText = String;
export const NativeDOMException = DOMException;
export const NativeURIError = URIError;
export const NativeUint8Array = Uint8Array;
export const NativeUint32Array = Uint32Array;
export const { isError } = Error;
export const decodeUriPart = decodeURIComponent;
export const escapeBytes = escape;

export const slice = uncurry(String.prototype.slice);
export const toLowerCase = uncurry(String.prototype.toLowerCase);
export const toUpperCase = uncurry(String.prototype.toUpperCase);
export const indexOf = uncurry(String.prototype.indexOf);
export const lastIndexOf = uncurry(String.prototype.lastIndexOf);
export const charCodeAt = uncurry(String.prototype.charCodeAt);
export const toWellFormed = uncurry(String.prototype.toWellFormed);
export const exec = uncurry(RegExp.prototype.exec);
export const onSettled = uncurry(Promise.prototype.then);
export const mapEach = uncurry(Map.prototype.forEach);
export const setEach = uncurry(Set.prototype.forEach);
export const dateText = uncurry(Date.prototype.toString);
export const sourceOfDate = uncurry(Date.prototype.toISOString);
/** Returns the getter of a property as a function whose argument is its `this`. */
export const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
/** Where the engine has a function's beginning; undefined for one that is not the script's. */
export const fileOf = getter(Function.prototype, "fileName");
export const lineOf = getter(Function.prototype, "lineNumber");
export const columnOf = getter(Function.prototype, "columnNumber");
const joinList = Array.prototype.join;

/** Gives an object a property, or another value of one, that isn't seen when properties are listed. */
export function defineHidden(object, name, value) {
  defineProperty(object, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

/** Returns an empty list without a prototype: writing `list[i]` can't meet a setter. */
export function list() {
  return setPrototypeOf([], null);
}

/** Returns an empty dictionary, of which every string is an ordinary key. */
export function dictionary() {
  return { __proto__: null };
}

/** Returns the texts of a list as one. */
export function join(texts, separator) {
  return apply(joinList, texts, [separator]);
}

/** Returns a frozen copy of a list for scripts: an ordinary array, filled without meeting setters on its prototype. */
export function toArray(items) {
  const array = [];
  for (let i = 0; i < items.length; i++) {
    defineProperty(array, i, { __proto__: null, value: items[i], enumerable: true });
  }
  return freeze(array);
}

/** Returns true if an object has an own property; throws nothing but what a proxy's trap throws. */
export const hasOwn = Object.hasOwn;

const ascii = /^[\0-\x7f]*$/;

/** Returns true if all characters of a text are ASCII. */
export function isAscii(text) {
  return exec(ascii, text) !== null;
}

/** Returns the size of a text as UTF-8, bytes; by native code for ASCII, which nearly all texts are. */
export function bytesOf(text) {
  if (isAscii(text)) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = charCodeAt(text, i);
    // A surrogate pair is 4 bytes for 2 units.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/**
 * Returns a text that survives the crossing: the engine's strings end at NUL there, and lone surrogates become broken
 * UTF-8.
 */
export function crossable(text) {
  let whole = toWellFormed(text);
  for (let at = indexOf(whole, "\0"); at >= 0; at = indexOf(whole, "\0", at)) {
    whole = slice(whole, 0, at) + "\u2400" + slice(whole, at + 1);
  }
  return whole;
}
