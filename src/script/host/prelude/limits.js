/** The application's limits, as its settings say, in bytes where nothing else is said. */
import { dictionary, NativeError, OutOfMemory, StackOverflow } from "./builtins.js";

/** Limits of one message, of all effects of an event, of the log lines of an event, and of the state. */
export let messageLimit = 0;
export let outputLimit = 0;
export let logLimit = 0;
export let stateLimit = 0;
/** Memory of the sandbox. */
export let memoryLimit = 0;
/** Memory of all sandboxes of the application. */
export let totalMemoryLimit = 0;
/** Most effects of one event. */
export let effectsLimit = 0;
/** CPU time of an event, and of what moves a script between sandboxes, ms. */
export let cpuLimit = 0;
export let moveLimit = 0;

/** Maps of positions by the paths of the version's files; "" for a file without one. */
export const files = dictionary();

/** Sets limits and files, a list of `[path, map]`. Called once, before any script is loaded. */
export function setLimits(limits, maps) {
  messageLimit = limits.message;
  outputLimit = limits.output;
  logLimit = limits.log;
  stateLimit = limits.state;
  memoryLimit = limits.memory;
  totalMemoryLimit = limits.totalMemory;
  effectsLimit = limits.effects;
  cpuLimit = limits.cpuPerEvent;
  moveLimit = limits.migrate;
  for (let i = 0; i < maps.length; i++) files[maps[i][0]] = maps[i][1];
}

/** An event has passed a limit, which is named as in `FailureBody`. */
export class LimitError extends NativeError {
  #limit;
  constructor(limit, message) {
    super(message);
    this.#limit = limit;
  }
  /**
   * Returns the limit that an error stands for, the engine's own errors included; undefined where it stands for none.
   */
  static limitOf(error) {
    if (typeof error !== "object" || error === null) return undefined;
    if (#limit in error) return error.#limit;
    try {
      if (error instanceof OutOfMemory && error.message === "out of memory") return "memory";
      if (error instanceof StackOverflow && error.message === "Maximum call stack size exceeded")
        return "stack";
    } catch {
      // A proxy that throws when it is asked: no error of the engine's.
    }
    return undefined;
  }
}
