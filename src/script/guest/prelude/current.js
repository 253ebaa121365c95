/** The event that runs now: who it belongs to, what it asked for so far, and what it has left to spend. */
import { bytesOf, dictionary, list, NativeError, OutOfMemory, StackOverflow } from "./builtins.js";

/** Limits of the application and its names; set once by `setup`. */
export const config = dictionary();

/** Of the running event; `script` is null between events, where nothing can be asked for. */
export const current = {
  __proto__: null,
  script: null,
  seq: 0,
  time: 0,
  muted: false,
  /** Effects so far: tuple texts with the body's length in them, the bodies, whether it is a log line. */
  tuples: list(),
  bodies: list(),
  logs: list(),
  /** Sizes of the bodies in bytes where they were counted, else −1. */
  sizes: list(),
  count: 0,
  /** Effects that are no log lines. */
  effects: 0,
  /** Upper bound of the bytes of all bodies, and the UTF-16 units of names, ids and reasons. */
  output: 0,
  words: 0,
  logged: 0,
  /** Set at the first breach of a limit: the event fails even if the script catches the error. */
  breach: null,
};

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

/** Starts the event of a script. */
export function begin(script, seq, time, muted) {
  current.script = script;
  current.seq = seq;
  current.time = time;
  current.muted = muted;
  current.count = 0;
  current.effects = 0;
  current.output = 0;
  current.words = 0;
  current.logged = 0;
  current.breach = null;
}

function exceed(message) {
  const error = new LimitError("output", message);
  current.breach ??= error;
  throw error;
}

/** Throws where a text that leaves the sandbox is too large for one message. */
export function checkMessage(what, text) {
  const limit = config.limits.message;
  if (text.length * 3 > limit && bytesOf(text) > limit) {
    exceed(what + ": the message is larger than " + limit + " bytes.");
  }
}

function checkOutput(what, body, words) {
  const limit = config.limits.output;
  const spoken = current.words + words;
  let output = current.output + body.length * 3;
  if (output + spoken > limit) {
    output = bytesOf(body);
    for (let i = 0; i < current.count; i++) {
      if (current.logs[i]) continue;
      if (current.sizes[i] < 0) current.sizes[i] = bytesOf(current.bodies[i]);
      output += current.sizes[i];
    }
    if (output + spoken > limit) exceed(what + ": the event's effects are larger than " + limit + " bytes.");
  }
  current.output = output;
  current.words = spoken;
}

/**
 * Adds one effect: `head` and `tail` are the tuple's text before and after the length of the body, which is undefined
 * where there is none and null in a tuple that has no length; `words` are the UTF-16 units of names and reasons.
 */
export function effect(what, head, body, tail, words) {
  if (current.effects >= config.limits.effects) {
    exceed(what + ": the event has more than " + config.limits.effects + " effects.");
  }
  if (typeof body === "string") checkMessage(what, body);
  checkOutput(what, body ?? "", words);
  const length = body === null ? "" : body === undefined ? "-1" : body.length;
  add(head + length + tail, body ?? "", false);
  current.effects++;
}

/** Adds one log line; a line costs 16 bytes at least, so that empty ones are bounded too. */
export function logLine(level, text) {
  const size = text.length * 3 <= 16 ? 16 : bytesOf(text);
  if (current.logged + size > config.limits.log) {
    exceed("console." + level + ": the event has logged more than " + config.limits.log + " bytes.");
  }
  current.logged += size;
  add('["log","' + level + '",' + text.length + "]", text, true);
}

/** The count is raised last, so that an interrupt or an overflow leaves whole effects only. */
function add(tuple, body, isLog) {
  const at = current.count;
  current.tuples[at] = tuple;
  current.bodies[at] = body;
  current.logs[at] = isLog;
  current.sizes[at] = -1;
  current.count = at + 1;
}
