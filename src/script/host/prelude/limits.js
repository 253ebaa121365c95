/** Limits of the application, as its settings say; bytes where nothing else is said. */
import { dictionary, NativeError, OutOfMemory, StackOverflow } from "./builtins.js";

/** Of one message, of all effects of an event, of the log lines of an event, and of the state. */
export let messageLimit = 0;
export let outputLimit = 0;
export let logLimit = 0;
export let stateLimit = 0;
/** Effects of one event. */
export let effectsLimit = 0;
/** CPU time of an event, and of what moves a script between sandboxes, ms. */
export let cpuLimit = 0;
export let moveLimit = 0;

/** Names of the version's files. */
export const files = dictionary();

/** Called once, before any script is loaded. */
export function setLimits(limits, names) {
  messageLimit = limits.message;
  outputLimit = limits.output;
  logLimit = limits.log;
  stateLimit = limits.state;
  effectsLimit = limits.effects;
  cpuLimit = limits.cpuPerEvent;
  moveLimit = limits.migrate;
  for (let i = 0; i < names.length; i++) files[names[i]] = true;
}

/** A limit was reached; `limit` is that of `FailureBody`. */
export class LimitError extends NativeError {
  #limit;
  constructor(limit, message) {
    super(message);
    this.#limit = limit;
  }
  /** The limit that an error stands for, or undefined. */
  static limitOf(error) {
    if (typeof error !== "object" || error === null) return undefined;
    if (#limit in error) return error.#limit;
    try {
      if (error instanceof OutOfMemory && error.message === "out of memory") return "memory";
      if (error instanceof StackOverflow && error.message === "Maximum call stack size exceeded")
        return "stack";
    } catch {
      // A proxy that answers with errors is none of the engine's.
    }
    return undefined;
  }
}
