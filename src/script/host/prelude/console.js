/** `console`: log lines of the running event, bounded by `limits.log`. */
import { logLine } from "./answer.js";
import { crossable, defineProperty, freeze } from "./builtins.js";
import { inspect } from "./inspect.js";
import { logLimit } from "./limits.js";

/** Returns the function that writes lines of a level. */
function writer(level) {
  return function log() {
    // biome-ignore lint/complexity/noArguments: a rest parameter is an array whose prototype scripts may change
    const values = arguments;
    let text = "";
    for (let i = 0; i < values.length; i++) text += (i > 0 ? " " : "") + inspect(values[i], logLimit);
    logLine(level, crossable(text));
  };
}

/** Puts `console` into the script's globals. */
export function installConsole() {
  const info = writer("info");
  const warn = writer("warn");
  const error = writer("error");
  const debug = writer("debug");
  const assert = (condition, message) => {
    if (!condition) error("Assertion failed:", message);
  };
  const value = freeze({ log: info, info, warn, error, debug, trace: debug, assert });
  defineProperty(globalThis, "console", { __proto__: null, value, writable: true, configurable: true });
}
