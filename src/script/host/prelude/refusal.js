/** How a script says no. */
import { checkMessage } from "./answer.js";
import { dataText } from "./arguments.js";
import { NativeError, TypeMistake } from "./builtins.js";
import { MESSAGE_UNITS } from "./wire.js";

class Refusal extends NativeError {
  #refused;

  constructor(reason, data) {
    super(reason);
    this.#refused = { __proto__: null, reason, data };
  }

  static of(error) {
    return typeof error === "object" && error !== null && #refused in error ? error.#refused : undefined;
  }
}

/**
 * Returns `{ reason, data }` of an error that `refuse` threw, `data` as JSON text; undefined for any other value. Asks
 * nothing of the error that a script could answer.
 */
export const refusalOf = Refusal.of;

/**
 * Ends the handler: the request is refused, reason and data reach the client, effects so far are dropped. Throws TypeError
 * where the reason is no text or the data is not JSON, and LimitError where the data is larger than a message may be.
 */
export function refuse(reason, data) {
  if (typeof reason !== "string" || reason === "" || reason.length > MESSAGE_UNITS) {
    throw new TypeMistake("refuse: the reason must be a text of 1 to " + MESSAGE_UNITS + " characters");
  }
  const text = dataText("refuse", data);
  if (text !== undefined) checkMessage("refuse", text);
  throw new Refusal(reason, text);
}
