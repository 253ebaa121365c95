/** Schemas of a definition: how they are read, and what is told of data that does not fit. */
import { show } from "./arguments.js";
import { bound, isArray, NativePromise, toText, TypeMistake } from "./builtins.js";

/**
 * Returns the function of a schema that validates, with its `this`. Throws TypeError where it is no Standard Schema, or one of valibot's that
 * waits for something; `what` names it.
 */
export function validatorOf(what, schema) {
  const isSome = schema !== undefined && schema !== null;
  const standard = isSome ? schema["~standard"] : undefined;
  if (typeof standard !== "object" || standard === null || typeof standard.validate !== "function")
    throw new TypeMistake(
      what + " must be a schema of valibot (or another Standard Schema), not " + show(schema),
    );
  if (schema.async === true) throw asynchronous(what);
  return bound(standard.validate, standard);
}

/** Returns what a schema makes of data, `{ value }` or `{ issues }`, as it says. Throws what the schema throws, and TypeError where it waits. */
export function validated(validate, data) {
  const result = validate(data);
  if (result instanceof NativePromise || typeof result?.then === "function") throw asynchronous("a schema");
  return result;
}

function asynchronous(what) {
  return new TypeMistake(what + " must not be asynchronous: nothing outside can be waited for");
}

/** Returns the first issue in words, with its path: `cell: Invalid type: Expected number but received "x"`. */
export function problemOf(issues) {
  const { message, path } = issues[0];
  let text = "";
  for (let i = 0; isArray(path) && i < path.length; i++) {
    const step = path[i];
    text += (i > 0 ? "." : "") + toText(typeof step === "object" && step !== null ? step.key : step);
  }
  return (text === "" ? "" : text + ": ") + toText(message);
}
