/** How a script says no. */
import { NativeError, TypeMistake } from "./builtins.js";
import { MESSAGE_UNITS } from "./wire.js";

class Refusal extends NativeError {
  #reason;
  constructor(reason) {
    super(reason);
    this.#reason = reason;
  }
  static reasonOf(error) {
    return typeof error === "object" && error !== null && #reason in error ? error.#reason : undefined;
  }
}

/** The reason of an error that `refuse` threw, else undefined; asks nothing of the error that a script could answer. */
export const refusalOf = Refusal.reasonOf;

/** Ends the handler: the request is refused, the reason reaches the client, effects so far are dropped. */
export function refuse(reason) {
  if (typeof reason !== "string" || reason === "" || reason.length > MESSAGE_UNITS) {
    throw new TypeMistake("refuse: the reason must be a text of 1 to " + MESSAGE_UNITS + " characters");
  }
  throw new Refusal(reason);
}
