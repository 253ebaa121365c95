/** `structuredClone`: a copy of a value with all that it leads to, circles among it. */
import {
  defineProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  isArray,
  isError,
  isView,
  keys,
  list,
  mapEach,
  NativeArrayBuffer,
  NativeDate,
  NativeDOMException,
  NativeMap,
  NativeRegExp,
  NativeSet,
  NativeUint8Array,
  plainPrototypes,
  setEach,
  TypeMistake,
  toText,
  uncurry,
} from "./builtins.js";
import { flagsOf, kindOf, sourceOf, timeOf, unboxed } from "./object_kinds.js";
import {
  detach,
  isBuffer,
  isDetached,
  lengthOfView,
  nameOfView,
  partsOf,
  setBytes,
  sizeOfBuffer,
} from "./views.js";

const NativeDataView = DataView;
const toObject = Object;
const mapGet = uncurry(Map.prototype.get);
const mapSet = uncurry(Map.prototype.set);
const setAdd = uncurry(Set.prototype.add);

/** The constructors that a copy may be of, by name. */
const errors = {
  __proto__: null,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
const views = {
  __proto__: null,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float16Array,
  Float32Array,
  Float64Array,
};

/** Returns a copy of a value, as the standard has it. Throws DataCloneError where something in it can't be copied. */
export function structuredClone(value, options = undefined) {
  return new Cloning().clone(value, options?.transfer);
}

class Cloning {
  /** Copies by what they are copies of. */
  #copies = new NativeMap();
  /** What is still to be copied into copies, in the order in which it was met: no recursion, the stack is small. */
  #rest = list();
  /** Objects and arrays, each behind its copy, whose own properties are. They come in their turn, as `undefined` among the rest. */
  #plain = list();

  clone(value, transfer) {
    const moved = buffersIn(transfer);
    const copy = this.#copyOf(value);
    const rest = this.#rest;
    const plain = this.#plain;
    let next = 0;
    for (let i = 0; i < rest.length; i++) {
      if (rest[i] !== undefined) rest[i]();
      else {
        this.#fill(plain[next], plain[next + 1]);
        next += 2;
      }
    }
    for (let i = 0; i < moved.length; i++) detach(moved[i]);
    return copy;
  }

  #copyOf(value) {
    if (typeof value === "function" || typeof value === "symbol") throw uncloneable("a " + typeof value);
    if (typeof value !== "object" || value === null) return value;
    const known = mapGet(this.#copies, value);
    if (known !== undefined) return known;
    const copy = this.#begun(value);
    mapSet(this.#copies, value, copy);
    return copy;
  }

  /** Returns the copy of an object, into which what it leads to is still to be copied. */
  #begun(value) {
    if (isArray(value)) return this.#filled(value, sized(value.length));
    const prototype = getPrototypeOf(value);
    if (prototype === plainPrototypes[0] || prototype === null) return this.#filled(value, {});
    if (isView(value)) return this.#viewLike(value);
    if (isBuffer(value)) return copyOfBuffer(value);
    if (isError(value)) return this.#errorLike(value);
    switch (kindOf(value)) {
      case "date":
        return new NativeDate(timeOf(value));
      case "regexp":
        return new NativeRegExp(sourceOf(value), flagsOf(value));
      case "boxed":
        return toObject(unboxed(value));
      case "map":
        return this.#filledMap(value, new NativeMap());
      case "set":
        return this.#filledSet(value, new NativeSet());
      case "other":
        throw uncloneable("a value of its kind");
      default:
        return this.#filled(value, {});
    }
  }

  /** Returns the copy, into which the own properties are to be copied. */
  #filled(value, copy) {
    this.#rest[this.#rest.length] = undefined;
    this.#plain[this.#plain.length] = copy;
    this.#plain[this.#plain.length] = value;
    return copy;
  }

  /** Copies the own properties. */
  #fill(copy, value) {
    const own = keys(value);
    const count = own.length;
    const isList = isArray(copy);
    const inherited = isList ? plainPrototypes[1] : plainPrototypes[0];
    // Numbers are found sooner than their texts.
    const isDense = isList && count === value.length && own[count - 1] === toText(count - 1);
    for (let i = 0; i < count; i++) {
      const key = isDense ? i : own[i];
      const inner = value[key];
      const isInherited = key in inherited;
      // A getter may have removed those behind it.
      if ((inner === undefined || isInherited) && !hasOwn(value, key)) continue;
      const type = typeof inner;
      const isPlain = type === "string" || type === "number" || type === "boolean";
      const copied = isPlain ? inner : this.#copyOf(inner);
      // What it inherits may be a setter, or can't be written over.
      if (isInherited) put(copy, key, copied, true);
      else copy[key] = copied;
    }
  }

  #filledMap(value, copy) {
    const entries = list();
    mapEach(value, (inner, key) => {
      entries[entries.length] = key;
      entries[entries.length] = inner;
    });
    this.#rest[this.#rest.length] = () => {
      for (let i = 0; i < entries.length; i += 2)
        mapSet(copy, this.#copyOf(entries[i]), this.#copyOf(entries[i + 1]));
    };
    return copy;
  }

  #filledSet(value, copy) {
    const entries = list();
    setEach(value, (inner) => {
      entries[entries.length] = inner;
    });
    this.#rest[this.#rest.length] = () => {
      for (let i = 0; i < entries.length; i++) setAdd(copy, this.#copyOf(entries[i]));
    };
    return copy;
  }

  #viewLike(value) {
    const name = nameOfView(value);
    const { buffer, byteOffset, byteLength } = partsOf(value);
    const copy = this.#copyOf(buffer);
    if (name === undefined) return new NativeDataView(copy, byteOffset, byteLength);
    return new views[name](copy, byteOffset, lengthOfView(value));
  }

  #errorLike(value) {
    const { name } = value;
    const copy = new (errors[typeof name === "string" ? name : "Error"] ?? errors.Error)();
    copyText(value, copy, "message");
    copyText(value, copy, "stack");
    if (hasOwn(value, "cause")) {
      this.#rest[this.#rest.length] = () => put(copy, "cause", this.#copyOf(value.cause), false);
    }
    return copy;
  }
}

/** Returns an array of that length without any item. */
function sized(length) {
  const array = [];
  array.length = length;
  return array;
}

/** Sets a property without meeting a setter. */
function put(object, key, value, enumerable) {
  defineProperty(object, key, { __proto__: null, value, enumerable, writable: true, configurable: true });
}

/** Copies a property of an error that is no getter. */
function copyText(value, copy, key) {
  const property = getOwnPropertyDescriptor(value, key);
  if (property !== undefined && hasOwn(property, "value")) put(copy, key, toText(property.value), false);
}

function copyOfBuffer(buffer) {
  if (isDetached(buffer)) throw uncloneable("a detached ArrayBuffer");
  const copy = new NativeArrayBuffer(sizeOfBuffer(buffer));
  setBytes(new NativeUint8Array(copy), new NativeUint8Array(buffer), 0);
  return copy;
}

/** Returns the buffers that are to be taken from the script. Throws DataCloneError for anything else. */
function buffersIn(transfer) {
  const buffers = list();
  if (transfer === undefined) return buffers;
  if (!isArray(transfer)) throw new TypeMistake("structuredClone: transfer must be an array");
  for (let i = 0; i < transfer.length; i++) {
    if (!isBuffer(transfer[i])) throw uncloneable("what is no ArrayBuffer, in transfer,");
    buffers[i] = transfer[i];
  }
  return buffers;
}

function uncloneable(what) {
  return new NativeDOMException("structuredClone: " + what + " can't be cloned", "DataCloneError");
}
