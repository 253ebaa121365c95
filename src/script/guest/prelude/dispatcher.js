/**
 * The guest's end of a batch: the host calls `run` with a batch's text and gets the answer's text. Where the host had to
 * interrupt an event it calls `resume`, and the batch goes on behind it.
 */
import { dataText } from "./arguments.js";
import {
  dictionary,
  indexOf,
  join,
  list,
  NativeError,
  NativePromise,
  onSettled,
  parse,
  realTime,
  setPrototypeOf,
  slice,
  stringify,
} from "./builtins.js";
import { installClock, reseed } from "./clock.js";
import { installConsole } from "./console.js";
import { begin, checkMessage, config, current } from "./current.js";
import { definitionOf, definitionText } from "./definition.js";
import { describe, ended, failureOf, OK } from "./failure.js";
import { installGlobals } from "./globals.js";
import { failureIn, handle, nameOf } from "./handling.js";
import { definitions, openScript, snapshotText } from "./script.js";

/** Bits of `batch.ts` `Flag`. */
const REPLY = 1;
const MUTED = 2;
const FOREIGN = 4;
/** `batch.ts` `SLICE`, ms. */
const SLICE = 10;

/**
 * Numbers that the host sees without a crossing: the running event's number in its batch from 1, its script, its seq;
 * whether memory ran out; written by the host, the number of the event that it interrupted last; and the CPU time that the
 * running event may take, ms.
 */
let board;
/** Runs the pending jobs; throws what a job threw, and leaves the others to the next call. */
let drain;
const scripts = dictionary();
let batch = null;

/** Called once in an engine, before it is known what will be loaded; other engines start from a copy of its memory. */
export function prepare(buffer, drainJobs) {
  board = new Float64Array(buffer);
  drain = drainJobs;
  installGlobals();
  installConsole();
  installClock();
}

/** Called once, before any script is loaded. `settings` is JSON: limits, files, whether jobs must be run after each event. */
export function setup(settings, now) {
  const { limits, files, async } = parse(settings);
  config.limits = limits;
  config.files = dictionary();
  for (let i = 0; i < files.length; i++) config.files[files[i]] = true;
  config.async = async;
  begin(null, 0, now, false);
}

/** Takes the module of an extension; returns its definition as JSON text. Throws where its default export is none. */
export function register(kind, key, path, namespace) {
  const definition = definitionOf(namespace.default);
  if (definition === undefined || definition.kind !== kind) {
    const maker = kind === "room" ? "defineRoom" : "defineApplication";
    throw new NativeError(path + ": the default export must be " + maker + "({…}).");
  }
  definitions[key] = definition;
  return definitionText(definition);
}

/** Jobs turned up although the sources looked as if there could be none: from now on they are run after each event. */
export function expectJobs() {
  config.async = true;
}

/** A thrown value as JSON `{ message, detail, position? }`, for errors of loading. */
export function explain(error) {
  const { message: labelled, detail, position } = describe(error);
  const message = indexOf(labelled, "Error: ") === 0 ? slice(labelled, 7) : labelled;
  const place = position === undefined ? "" : ',"position":' + position;
  return '{"message":' + stringify(message) + ',"detail":' + stringify(detail) + place + "}";
}

/** Handles a batch and returns the answer. */
export function run(text) {
  const line = indexOf(text, "\n");
  const header = parse(slice(text, 0, line));
  batch = {
    __proto__: null,
    text,
    time: header[0],
    events: header[1],
    next: 0,
    /** Where the next body starts. */
    at: line + 1,
    /** The event that runs now. */
    open: null,
    answers: list(),
    payloads: list(),
    started: 0,
    /** When the last event ended, in real time. */
    ended: 0,
  };
  batch.started = batch.ended = realTime();
  return work();
}

/** Goes on after an interrupt, whose error is given: the event that it ended has failed, what it had asked for is dropped. */
export function resume(error) {
  const event = batch.open;
  if (event !== null) {
    leftovers();
    commit(event, tooLong(event, error));
  }
  return work();
}

/**
 * Whether the running event was interrupted although its code went on: a promise takes an interrupt in its executor or
 * its jobs for a rejection.
 */
function wasInterrupted() {
  return board[4] === board[0];
}

function tooLong(event, error) {
  const what = internals[event.kind] === undefined ? "The handler" : "It";
  const message = what + " took longer than its " + budgetOf(event) + " ms of CPU time.";
  return ended(event.label, message, "cpu", error);
}

/** What moves a script between sandboxes has a limit of its own: it grows with the state, and runs `migrate`. */
function budgetOf(event) {
  return internals[event.kind] === undefined ? config.limits.cpuPerEvent : config.limits.migrate;
}

function work() {
  const { events, answers, payloads } = batch;
  // What is left when the slice is over was not begun, and comes again.
  while (batch.next < events.length && (batch.next === 0 || batch.ended - batch.started < SLICE)) {
    step(events[batch.next]);
  }
  board[0] = 0;
  current.script = null;
  const answer = "[" + join(answers, ",") + "]\n" + join(payloads, "");
  batch = null;
  return answer;
}

function step(tuple) {
  const given = tuple.length;
  const length = given > 5 ? tuple[5] : -1;
  const flags = given > 6 ? tuple[6] : 0;
  const event = {
    __proto__: null,
    number: tuple[0],
    seq: tuple[1],
    kind: tuple[2],
    user: given > 3 ? tuple[3] : "",
    name: given > 4 ? tuple[4] : "",
    body: length < 0 ? undefined : slice(batch.text, batch.at, batch.at + length),
    muted: (flags & MUTED) !== 0,
    foreign: (flags & FOREIGN) !== 0,
    wantsValue: (flags & REPLY) !== 0 || tuple[2] === "login",
    script: scripts[tuple[0]],
    label: tuple[2],
    undo: undefined,
    time: given > 7 ? tuple[7] : batch.time,
  };
  if (length > 0) batch.at += length;
  batch.next++;
  batch.open = event;
  board[1] = event.number;
  board[2] = event.seq;
  board[5] = budgetOf(event);
  // Last, because the interrupt handler starts a new deadline when it sees a new number.
  board[0] = batch.next;
  begin(event.script ?? null, event.seq, event.time, event.muted);
  reseed();
  commit(event, attempt(event));
}

/** Runs one event; returns a failure, or the text of its value, or undefined. */
function attempt(event) {
  try {
    event.label = nameOf(event);
    const internal = internals[event.kind];
    if (internal !== undefined) return internal(event);
    if (event.script === undefined) throw new NativeError("the script is not open");
    let value = handle(event);
    if (config.async) value = settle(value);
    if (current.breach !== null) throw current.breach;
    if (wasInterrupted()) return tooLong(event);
    const failure = failureIn(value);
    if (failure !== undefined) return failure;
    if (!event.wantsValue) return undefined;
    const text = dataText("The result of " + stringify(event.label), value);
    if (text !== undefined) checkMessage("The result of " + stringify(event.label), text);
    return text;
  } catch (error) {
    if (config.async) leftovers();
    if (wasInterrupted()) return tooLong(event, error);
    const failure = failureOf(event.label, current.breach ?? error);
    // For null, which may be the script's own, the host looks at the memory's size.
    if (failure.limit === "memory" && (error !== null || board[3] === 0)) board[3] = error === null ? 2 : 1;
    return failure;
  }
}

/** Events that no handler hears. */
const internals = {
  __proto__: null,
  open(event) {
    const request = setPrototypeOf(parse(event.body), null);
    // Not the script itself: `state` and `migrate` have its random numbers, but can't ask for anything.
    begin({ __proto__: null, seed: request.seed }, event.seq, event.time, event.muted);
    scripts[event.number] = openScript(request);
    return undefined;
  },
  snapshot(event) {
    if (event.script === undefined) throw new NativeError("the script is not open");
    current.script = null;
    return snapshotText(event.script);
  },
  end(event) {
    delete scripts[event.number];
    return undefined;
  },
};

/** Runs the jobs of an event and returns what its promise became. Throws what the promise was rejected with. */
function settle(value) {
  let outcome;
  const isThenable = typeof value === "object" && value !== null && typeof value.then === "function";
  if (isThenable) {
    outcome = { __proto__: null, settled: false, failed: false, value: undefined };
    const promise = value instanceof NativePromise ? value : new NativePromise((resolve) => resolve(value));
    onSettled(
      promise,
      (result) => {
        outcome.settled = true;
        outcome.value = result;
      },
      (error) => {
        outcome.settled = true;
        outcome.failed = true;
        outcome.value = error;
      },
    );
  }
  drain();
  if (outcome === undefined) return value;
  if (!outcome.settled) {
    throw new NativeError(
      "did not settle: the handler returned a promise that nothing in the event can resolve",
    );
  }
  if (outcome.failed) throw outcome.value;
  return outcome.value;
}

/** Runs the jobs that a failed handler left behind, so that they don't run in somebody else's event. */
function leftovers() {
  for (let i = 0; i < 1000; i++) {
    try {
      drain();
      return;
    } catch {
      // The event has failed already, with its first error.
    }
  }
}

/** Writes down the outcome of an event: a failure, or the text of its value. */
function commit(event, result) {
  const isFailure = typeof result === "object";
  // In a version that it is strange to, who is a member was settled by the one that answered it.
  if (isFailure && event.undo !== undefined && !event.foreign) event.undo();
  const status = isFailure ? result.status : OK;
  const body = isFailure ? result.text : result;
  let tuple = "[" + event.number + "," + event.seq + "," + status + ",";
  let payload = "";
  if (event.muted) {
    const told = event.foreign && isFailure;
    tuple += (told ? body.length : -1) + ",[]";
    if (told) payload = body;
  } else {
    tuple += (body === undefined ? -1 : body.length) + ",[";
    payload = body ?? "";
    let first = true;
    for (let i = 0; i < current.count; i++) {
      if (isFailure && !current.logs[i]) continue;
      tuple += first ? current.tuples[i] : "," + current.tuples[i];
      payload += current.bodies[i];
      first = false;
    }
    tuple += "]";
  }
  const now = realTime();
  if (now > batch.ended) tuple += "," + (now - batch.ended);
  batch.ended = now;
  const at = batch.answers.length;
  batch.answers[at] = tuple + "]";
  batch.payloads[at] = payload;
  batch.open = null;
}
