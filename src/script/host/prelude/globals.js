/** What scripts find in their globals, and what they don't: no code from strings, nothing that replays differently. */
import { atob, btoa } from "./base64.js";
import {
  defineHidden,
  defineProperty,
  freeze,
  getPrototypeOf,
  keys,
  NativeUint8Array,
  NativeError,
} from "./builtins.js";
import { refuseBytes } from "./bytes.js";
import { crypto } from "./crypto.js";
import { structuredClone } from "./structured_clone.js";
import { TextDecoder } from "./text_decoder.js";
import { TextEncoder } from "./text_encoder.js";

/** Throws, in the place of the four function constructors and of eval. */
function refuseCode() {
  throw new NativeError("Code from strings is not allowed.");
}

/**
 * Closes the ways to code from strings: `constructor` of every kind of function leads to one that compiles its argument.
 */
function removeCodeFromStrings() {
  const prototype = getPrototypeOf(refuseCode);
  const NoFunction = function NoFunction() {
    refuseCode();
  };
  defineProperty(NoFunction, "name", { __proto__: null, value: "Function" });
  defineProperty(NoFunction, "prototype", { __proto__: null, value: prototype, writable: false });
  freeze(NoFunction);
  const kinds = [
    prototype,
    getPrototypeOf(async () => {}),
    getPrototypeOf(function* () {}),
    getPrototypeOf(async function* () {}),
  ];
  for (let i = 0; i < kinds.length; i++) {
    defineProperty(kinds[i], "constructor", {
      __proto__: null,
      value: NoFunction,
      writable: false,
      configurable: false,
    });
  }
  defineHidden(globalThis, "Function", NoFunction);
  defineHidden(globalThis, "eval", function eval_() {
    refuseCode();
  });
}

/** Prepares the globals. Called once, before any script. */
export function installGlobals() {
  removeCodeFromStrings();
  // Whoever writes JSON hears of bytes by this, and need not look for any.
  defineProperty(NativeUint8Array.prototype, "toJSON", { __proto__: null, value: refuseBytes });
  // The engine would call it with the functions on the stack, the prelude's among them.
  defineHidden(NativeError, "prepareStackTrace", undefined);
  // When something is collected differs from run to run; threads don't exist here.
  const gone = ["WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics"];
  for (let i = 0; i < gone.length; i++) delete globalThis[gone[i]];
  const added = { __proto__: null, atob, btoa, crypto, structuredClone, TextDecoder, TextEncoder };
  const names = keys(added);
  for (let i = 0; i < names.length; i++) defineHidden(globalThis, names[i], added[names[i]]);
  const missing = (name, instead) =>
    defineHidden(globalThis, name, () => {
      throw new NativeError(name + " does not exist in a room's script" + instead);
    });
  const timers = ": use schedule(name, ms) and a handler in timers, which outlive a reload";
  missing("setTimeout", timers);
  missing("setInterval", timers);
  missing("fetch", ": use room.fetch(name, url), whose answer is heard by a handler in fetches");
  missing("require", ": use import");
}
