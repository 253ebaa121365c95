/** Messages that the server passes on without asking the script. */
import { show } from "./arguments.js";
import { freeze, isInteger, join, keys, list, setPrototypeOf, stringify, TypeMistake } from "./builtins.js";
import { checkKeys, isObject } from "./declared_values.js";
import { MAX_RELAY_BYTES, MAX_RELAY_RATE, MAX_RELAYS } from "./wire.js";

const DEFAULT_RATE = 30;
const DEFAULT_BYTES = 512;
const options = ["to", "volatile", "rate", "maxBytes"];

/** What scripts get of a relay: it can't be made but by `relay`, and shows nothing. */
class Relay {
  #of;
  constructor(of) {
    this.#of = of;
    // Without a prototype, and so without a constructor that scripts could call.
    setPrototypeOf(this, null);
    freeze(this);
  }
  static of(value) {
    return typeof value === "object" && value !== null && #of in value ? value.#of : undefined;
  }
}

/** Returns what `relay` has read, JSON text without the type; undefined for other values. */
export const relayOf = Relay.of;

/**
 * Declares that messages of a type are passed on as they are. What it is given is read at once: later changes to it change nothing. Throws
 * TypeError where that is not what a relay has.
 */
export function relay(given) {
  if (given === undefined) return new Relay(text("others", false, DEFAULT_RATE, DEFAULT_BYTES));
  if (!isObject(given)) throw new TypeMistake("relay: the options must be an object, not " + show(given));
  checkKeys("relay", given, options, "", whyNot);
  const { to = "others", volatile = false, rate = DEFAULT_RATE, maxBytes = DEFAULT_BYTES } = given;
  if (to !== "others" && to !== "all")
    throw new TypeMistake('relay: to must be "others" or "all", not ' + show(to));
  if (typeof volatile !== "boolean")
    throw new TypeMistake("relay: volatile must be a boolean, not " + show(volatile));
  if (typeof rate !== "number" || !(rate >= 1 && rate <= MAX_RELAY_RATE))
    throw new TypeMistake("relay: rate must be a number from 1 to " + MAX_RELAY_RATE + ", not " + show(rate));
  if (typeof maxBytes !== "number" || !isInteger(maxBytes) || maxBytes < 1 || maxBytes > MAX_RELAY_BYTES) {
    throw new TypeMistake(
      "relay: maxBytes must be a whole number from 1 to " + MAX_RELAY_BYTES + ", not " + show(maxBytes),
    );
  }
  return new Relay(text(to, volatile, rate, maxBytes));
}

/** Returns why what handlers have is not there. */
function whyNot(key) {
  return key === "schema" || key === "handle" ? " (nobody looks into what is passed on)" : "";
}

/** Returns the rest of a JSON object that begins with the type. */
function text(to, volatile, rate, maxBytes) {
  return ',"to":"' + to + '","isVolatile":' + volatile + ',"rate":' + rate + ',"maxBytes":' + maxBytes + "}";
}

/**
 * Returns what the server learns of a definition's relays: JSON text of a list of `RelayEntry`, undefined where there are none. Throws
 * TypeError where there are too many.
 */
export function relaysText(what, relays) {
  const types = keys(relays);
  if (types.length === 0) return undefined;
  if (types.length > MAX_RELAYS)
    throw new TypeMistake(what + ": messages may have " + MAX_RELAYS + " relays, not " + types.length);
  const texts = list();
  for (let i = 0; i < types.length; i++) texts[i] = '{"type":' + stringify(types[i]) + relays[types[i]];
  return "[" + join(texts, ",") + "]";
}
