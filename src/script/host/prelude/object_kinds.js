/** Of which kind of the language an object is, whatever prototype a script has given it. */
import { getter, list, NativePromise, uncurry } from "./builtins.js";

/** The time of a Date, ms. */
export const timeOf = uncurry(Date.prototype.getTime);
export const sourceOf = getter(RegExp.prototype, "source");
export const flagsOf = getter(RegExp.prototype, "flags");
/** The value in an object that was made of a primitive. */
const unboxing = list();
unboxing[0] = uncurry(Boolean.prototype.valueOf);
unboxing[1] = uncurry(Number.prototype.valueOf);
unboxing[2] = uncurry(String.prototype.valueOf);
unboxing[3] = uncurry(BigInt.prototype.valueOf);
const sizeOfMap = getter(Map.prototype, "size");
const sizeOfSet = getter(Set.prototype, "size");
const ofWeakMap = uncurry(WeakMap.prototype.has);
const ofWeakSet = uncurry(WeakSet.prototype.has);
const ofSymbol = uncurry(Symbol.prototype.valueOf);

/** Returns true if a method of the language takes an object for one of its own kind. */
function takes(method, object) {
  try {
    method(object);
    return true;
  } catch {
    return false;
  }
}

/** Returns `date`, `regexp`, `map`, `set`, `boxed`, `other` for what can't be copied, or undefined for an object of no such kind. */
export function kindOf(object) {
  if (takes(timeOf, object)) return "date";
  if (takes(sizeOfMap, object)) return "map";
  if (takes(sizeOfSet, object)) return "set";
  if (takes(sourceOf, object)) return "regexp";
  for (let i = 0; i < unboxing.length; i++) if (takes(unboxing[i], object)) return "boxed";
  const isOther = takes(ofWeakMap, object) || takes(ofWeakSet, object) || takes(ofSymbol, object);
  return isOther || object instanceof NativePromise ? "other" : undefined;
}

/** Returns the primitive in an object that was made of one. */
export function unboxed(object) {
  for (let i = 0; i < unboxing.length; i++) if (takes(unboxing[i], object)) return unboxing[i](object);
  return undefined;
}
