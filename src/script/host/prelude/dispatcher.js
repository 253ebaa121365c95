/**
 * The guest's end of a batch: the host writes the events' rows into shared memory, calls `run` with their texts and gets the
 * answer's text. Where the host had to interrupt an event it calls `resume`, and the batch goes on behind it.
 */
import {
  answerText,
  beginAnswer,
  breach,
  checkMessage,
  commit,
  commitFailure,
  commitMuted,
  committed,
  isLong,
  reserve,
  valueOfBytes,
} from "./answer.js";
import { dataText } from "./arguments.js";
import {
  indexOf,
  NativeError,
  NativeRegExp,
  parse,
  realTime,
  setPrototypeOf,
  slice,
  stringify,
} from "./builtins.js";
import { installChance } from "./chance.js";
import { installClock } from "./clock.js";
import { installConsole } from "./console.js";
import { definitionOf, definitions, definitionText } from "./definition.js";
import {
  become,
  beginBatch,
  beginNext,
  begun,
  body,
  count,
  endBatch,
  foreign,
  hasFailed as tellFailed,
  hasOutgrown,
  kind,
  muted,
  number,
  ranOutOfMemory,
  script,
  scripts,
  setTime,
  shareNumbers,
  took,
  turn,
  wantsValue,
  wasInterrupted,
} from "./event.js";
import { describe, ended, failureOf } from "./failure.js";
import { installGlobals } from "./globals.js";
import { judgeGrowth } from "./growth.js";
import { answerOf } from "./http.js";
import { runLeftovers, setDrain, settle, takeCut } from "./jobs.js";
import { actions, forget, label, undo, unhandled } from "./handling.js";
import { cpuLimit, files, moveLimit, setLimits } from "./limits.js";
import { lookAtState, nextLook } from "./losses.js";
import { authorPosition } from "./positions.js";
import { setReadable } from "./readable.js";
import { setRecode } from "./recode.js";
import { openScript, snapshotText, updateDirectory } from "./script.js";
import { checkState } from "./state.js";
import {
  DIRECTORY_MS,
  FIRST_INTERNAL_KIND,
  KIND_DIRECTORY,
  KIND_INIT,
  KIND_LOGIN,
  KIND_MESSAGE,
  KIND_REQUEST,
  kindNames,
  SLICE_MS,
  STATUS_HANDLER_FAILED,
  STATUS_OK,
} from "./wire.js";

/** Has the host look at an event that has ended and took long by the clock: in CPU time it may have taken too long. */
let checkTime;
/** True if jobs must be run after each event. */
let hasJobs = false;
/** When the batch began and when the last event ended, real time in ms. */
let startedAt = 0;
let endedAt = 0;

/**
 * Called once in an engine, before it is known what will be loaded; other engines start from a copy of its memory. `buffer`
 * holds the numbers that host and guest share, `heapPeak` that of bytes that the heap has taken, `chance` what `makeChance` writes; `recode`
 * makes bytes of texts and texts of bytes.
 */
export function prepare(buffer, heapPeak, drainJobs, checkEvent, chance, makeChance, recode) {
  shareNumbers(buffer, heapPeak);
  setDrain(drainJobs);
  checkTime = checkEvent;
  installGlobals();
  installConsole();
  installClock();
  installChance(chance, makeChance);
  setRecode(recode);
}

/**
 * Called once, before any script is loaded. `settings` is JSON: limits, what scripts read, files, whether jobs must be run after each event.
 */
export function setup(settings, now) {
  const { limits, config, env, files: maps, async } = parse(settings);
  setLimits(limits, maps);
  setReadable(config, env);
  hasJobs = async;
  setTime(now);
}

/** Takes the exports of an extension's module and returns its definition as JSON text. Throws where there is none. */
export function register(kind, key, path, namespace) {
  const definition = definitionOf(namespace.default);
  if (definition === undefined || definition.kind !== kind) {
    const maker = kind === "room" ? "defineRoom" : "defineApplication";
    throw new NativeError(path + ": the default export must be " + maker + "({…}).");
  }
  definitions[key] = definition;
  return definitionText(definition);
}

/** Has jobs run after each event from now on: some turned up although the sources looked as if there could be none. */
export function expectJobs() {
  hasJobs = true;
}

/** Returns a thrown value as JSON `{ message, detail, position? }`, for errors of loading. */
export function explain(error) {
  const { message: labelled, detail, position } = describe(error);
  const message = indexOf(labelled, "Error: ") === 0 ? slice(labelled, 7) : labelled;
  const place = position === undefined ? "" : ',"position":' + position;
  return '{"message":' + stringify(message) + ',"detail":' + stringify(detail) + place + "}";
}

/** Returns where the author of a file has what the engine would tell of a place in it, as JSON `{ line, column }`. */
export function authorPlace(file, line, column) {
  const { line: authorLine, column: authorColumn } = authorPosition(files[file], line, column);
  return '{"line":' + authorLine + ',"column":' + authorColumn + "}";
}

/** Returns what the engine says of a regular expression, "" where it compiles, as JSON. */
export function problemOfRegExp(pattern, flags) {
  try {
    new NativeRegExp(pattern, flags);
    return '""';
  } catch (error) {
    return stringify(error.message);
  }
}

export { giveBytes } from "./bytes.js";
export { takeBytes } from "./event.js";

/** Handles a batch, whose texts are given, and returns the answer. */
export function run(texts) {
  beginBatch(texts);
  beginAnswer();
  startedAt = endedAt = realTime();
  return work();
}

/** Goes on after an interrupt, whose error is given, and returns the answer: the event that it ended has failed. */
export function resume(error) {
  if (committed() < begun) {
    runLeftovers();
    write(tooLong(takeCut() ?? error));
  } else {
    // It came between two events, maybe before there was room for the next.
    reserve();
  }
  return work();
}

/**
 * Returns the failure of the running event, which has used up its time; the engine's error knows where, if it is at hand. `ms` is how
 * long it took where nothing has ended it.
 */
function tooLong(error, ms) {
  const what = isInternal() ? "It" : "The handler";
  const setting = !isInternal()
    ? " (limits.cpuPerEvent)"
    : kind === KIND_DIRECTORY
      ? ""
      : " (limits.migrate)";
  const took = ms === undefined ? "" : ": " + ms + " ms";
  const message = what + " took longer than its " + budget() + " ms of CPU time" + took + setting + ".";
  return ended(label(), message, "cpu", error);
}

/**
 * Returns the CPU time that the running event may take, ms. What moves a script between sandboxes has a limit of its own: it
 * grows with the state, and runs `migrate`.
 */
function budget() {
  if (!isInternal()) return cpuLimit;
  return kind === KIND_DIRECTORY ? DIRECTORY_MS : moveLimit;
}

/** Runs the events of the batch that have not begun and returns the answer. */
function work() {
  // Events that have not begun when the slice is over, or the answer long enough, are sent again.
  while (begun < count && (begun === 0 || (endedAt - startedAt < SLICE_MS && !isLong()))) {
    beginNext();
    write(attempt());
  }
  endBatch();
  return answerText();
}

/** Runs the event that has begun; returns a failure, or the text of its value, or undefined where it has none. */
function attempt() {
  try {
    if (isInternal()) return internals[kindNames[kind]]();
    if (script === undefined) throw new NativeError("the script is not open");
    let value = actions[kind]();
    if (hasJobs) value = settle(value);
    if (breach !== null) throw breach;
    if (wasInterrupted()) return tooLong(takeCut());
    if (unhandled !== null) return unhandled;
    if (kind === KIND_INIT) checkState(script);
    if (turn >= nextLook) lookAtState(label());
    if (!wantsValue && kind !== KIND_LOGIN) return undefined;
    const what = "The result of " + stringify(label());
    const text = kind === KIND_REQUEST ? answerOf(value) : dataText(what, value, kind === KIND_MESSAGE);
    if (typeof text === "object") return valueOfBytes(what, text);
    if (text !== undefined) checkMessage(what, text);
    return text;
  } catch (error) {
    if (hasJobs) runLeftovers();
    if (wasInterrupted()) return tooLong(takeCut() ?? error);
    const failure = failureOf(label(), breach ?? error);
    // Where null was thrown, which may be the script's own, the host looks at the memory's size.
    if (failure.limit === "memory") ranOutOfMemory(error !== null);
    return failure;
  }
}

/** Returns true if no handler hears the running event. */
function isInternal() {
  return kind >= FIRST_INTERNAL_KIND;
}

/** What those events do that no handler hears. */
const internals = {
  __proto__: null,
  directory() {
    if (script === undefined) throw new NativeError("the script is not open");
    updateDirectory(script, body);
    return undefined;
  },
  open() {
    const request = setPrototypeOf(parse(body), null);
    const opened = number();
    // Not the script itself: `state` and `migrate` have chance, but can't ask for anything.
    become({ __proto__: null, seed: request.ownSeed ?? request.seed });
    scripts[opened] = openScript(request);
    return undefined;
  },
  snapshot() {
    if (script === undefined) throw new NativeError("the script is not open");
    const asked = script;
    become(null);
    return snapshotText(asked);
  },
  end() {
    // Its objects hold each other, and the engine collects such by their number, whatever they hold.
    if (script !== undefined) script.state = undefined;
    delete scripts[number()];
    return undefined;
  },
};

/**
 * Returns true if the running event, which a handler heard and which took `ms` by the clock, took more CPU time than it may:
 * nothing interrupts native code. A replay comes to the same state however long it takes.
 */
function hasOverrun(ms) {
  if (muted || isInternal() || wasInterrupted()) return false;
  took(ms);
  checkTime();
  return wasInterrupted();
}

/** Writes the outcome of the running event: a failure, or the text of its value, or undefined. */
function write(result) {
  const now = realTime();
  let ms = 0;
  if (now > endedAt) {
    ms = now - endedAt;
    if (ms > cpuLimit && hasOverrun(ms)) result = tooLong(undefined, ms);
  }
  if (hasOutgrown()) result = judgeGrowth(result);
  const hasFailed = typeof result === "object";
  if (undo !== undefined) {
    // In a replay of another version's events, that version has decided who is a member.
    if (hasFailed && !foreign) undo();
    forget();
  } else if (unhandled !== null) forget();
  if (muted)
    commitMuted(hasFailed ? result.status : STATUS_OK, hasFailed && foreign ? result.text : undefined, ms);
  else if (hasFailed) {
    if (result.status === STATUS_HANDLER_FAILED) tellFailed();
    commitFailure(result.status, result.text, ms);
  } else commit(result, ms);
  endedAt = now;
}
