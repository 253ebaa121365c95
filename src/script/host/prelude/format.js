/** How `console` makes one text of its arguments, `%` letters and all. */
import { apply, charCodeAt, indexOf, slice, stringify, toText, TypeMistake } from "./builtins.js";
import { inspect } from "./inspect.js";

const PERCENT = 37;
const toNumber = Number;
const toInteger = parseInt;
const toFloat = parseFloat;

/**
 * Returns the text of a list of values, from an index on: a first text may say by `%s`, `%d`, `%i`, `%f`, `%j`, `%o`, `%O` and `%c`
 * where the others stand, and `%%` is a percent sign then. Each takes about `limit` UTF-16 units at most.
 */
export function format(values, from, limit) {
  let next = from + 1;
  let text = "";
  const first = values[from];
  if (typeof first === "string" && values.length > next) {
    let copied = 0;
    for (let at = indexOf(first, "%"); at >= 0 && at + 1 < first.length; at = indexOf(first, "%", at + 2)) {
      const letter = charCodeAt(first, at + 1);
      const isKnown = letter === PERCENT || (next < values.length && letters[first[at + 1]] !== undefined);
      if (!isKnown) continue;
      text += slice(first, copied, at);
      text += letter === PERCENT ? "%" : letters[first[at + 1]](values[next++], limit);
      copied = at + 2;
      if (text.length > limit) break;
    }
    text += slice(first, copied);
  } else {
    next = from;
  }
  for (; next < values.length && text.length <= limit; next++) {
    text += (next > from ? " " : "") + inspect(values[next], limit);
  }
  return text;
}

/** What each letter makes of its value. */
const letters = {
  __proto__: null,
  s: (value, limit) => inspect(value, limit),
  d: (value) => numberText(value, toNumber),
  i: (value) => numberText(value, toInteger),
  f: (value) => numberText(value, toFloat),
  j: (value) => jsonText(value),
  o: (value, limit) => inspect(value, limit),
  O: (value, limit) => inspect(value, limit),
  // Styles are for browsers.
  c: () => "",
};

function numberText(value, convert) {
  if (typeof value === "bigint") return toText(value) + "n";
  // What an object says that it is worth is the script's own code.
  if (typeof value === "symbol" || (typeof value === "object" && value !== null)) return "NaN";
  return toText(apply(convert, undefined, [value]));
}

function jsonText(value) {
  try {
    return toText(stringify(value));
  } catch (error) {
    if (!(error instanceof TypeMistake)) throw error;
    return "[" + error.message + "]";
  }
}
