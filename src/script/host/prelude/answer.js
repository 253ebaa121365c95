/**
 * The answer to a batch as far as its events have been handled, as `answer.ts` lays it out: for each event a head and a body
 * of its outcome, and behind them those of its effects, which are taken back where the event fails.
 */
import { bytesOf, join, list, slice } from "./builtins.js";
import { beginBytes, bytesOfBatch, bytesSent, sendBytes, takeBytesBack } from "./bytes.js";
import { tellBytes } from "./event.js";
import { effectsLimit, LimitError, logLimit, messageLimit, outputLimit } from "./limits.js";
import { masked } from "./readable.js";
import { lengthOfView } from "./views.js";
import { EFFECT_LOG, ENOUGH_UNITS, STATUS_OK } from "./wire.js";

/** How the heads of log lines begin, the only effects that outlive a failure. */
const LOG_HEAD = EFFECT_LOG + ",";
/** How the heads of outcomes begin that are well, and of those among them that have no value and took no time. */
const OK_HEAD = STATUS_OK + ",";
const PLAIN_HEAD = OK_HEAD + "-1,0,";

/** Stands for the text of a result that is bytes. */
const BYTES = "\0";

/** What a log line counts at least, bytes. */
const LEAST_LINE_BYTES = 16;

/** Heads and bodies of the batch, of which the first `size` count. */
let heads;
let bodies;
let size = 0;
/** How many outcomes there are, and where the last of them ends with its effects. */
let outcomes = 0;
let end = 0;
/** UTF-16 units of the bodies that events have written, or bytes, those included that were taken back. */
let units = 0;
/** How many bytes the result of the running event has, where it is bytes. */
let valueBytes = 0;

/** Where the running event's outcome stands. */
let start = 0;
/** How many effects it has besides log lines, and bytes of its log lines. */
let effects = 0;
let logged = 0;
/** Bytes of its bodies, an upper bound unless `isExact`; UTF-16 units of its names, ids and reasons. */
let bytes = 0;
let isExact = false;
let words = 0;
/** The error of the first limit that the event has passed, else null: the event fails even if the script catches it. */
export let breach = null;

/** Heads of outcomes with nothing but so many effects, the usual ones. */
const plainHeads = list();
for (let i = 0; i < 10; i++) plainHeads[i] = PLAIN_HEAD + i;

/** Returns true if a head is that of a log line. */
function isLog(head) {
  return slice(head, 0, LOG_HEAD.length) === LOG_HEAD;
}

/** Begins the answer to a batch. */
export function beginAnswer() {
  heads = list();
  bodies = list();
  end = outcomes = units = 0;
  if (bytesOfBatch() > 0) beginBytes();
  reserve();
}

/** Returns how many events have their outcome. */
export function committed() {
  return outcomes;
}

/** Returns true if the answer is long enough: what more there is to tell is for the next one. */
export function isLong() {
  return units >= ENOUGH_UNITS;
}

/**
 * Makes room for the outcome of the next event, in front of its effects; what an unfinished one had asked for is
 * forgotten.
 */
export function reserve() {
  start = end;
  effects = logged = bytes = words = 0;
  isExact = false;
  breach = null;
  heads[start] = "";
  bodies[start] = "";
  size = start + 1;
}

/** Writes the outcome of the running event, which has succeeded; `value` is the text of its result or undefined. */
export function commit(value, ms) {
  const asked = size - start - 1;
  if (value === undefined && ms === 0 && asked < plainHeads.length) heads[start] = plainHeads[asked];
  else if (value === BYTES) heads[start] = OK_HEAD + (-2 - valueBytes) + "," + ms + "," + asked;
  else {
    heads[start] = OK_HEAD + (value === undefined ? -1 : value.length) + "," + ms + "," + asked;
    if (value !== undefined) setBody(value);
  }
  end = size;
  outcomes++;
  reserve();
}

/**
 * Writes the outcome of the running event, which has failed; `body` is the text of its `FailureBody` or undefined. Of its
 * effects the log lines stay.
 */
export function commitFailure(status, body, ms) {
  if (bytesOfBatch() > 0) takeBytesBack(outcomes);
  let kept = start + 1;
  if (logged > 0) {
    for (let i = kept; i < size; i++) {
      if (!isLog(heads[i])) continue;
      heads[kept] = heads[i];
      bodies[kept] = bodies[i];
      kept++;
    }
  }
  heads[start] = status + "," + (body === undefined ? -1 : body.length) + "," + ms + "," + (kept - start - 1);
  if (body !== undefined) setBody(body);
  end = kept;
  outcomes++;
  reserve();
}

/**
 * Writes the outcome of the running event, which was a replay: of what it did only `body` leaves the sandbox, where it is
 * given.
 */
export function commitMuted(status, body, ms) {
  if (bytesOfBatch() > 0) takeBytesBack(outcomes);
  heads[start] = status + "," + (body === undefined ? -1 : body.length) + "," + ms + ",0";
  if (body !== undefined) setBody(body);
  end = start + 1;
  outcomes++;
  reserve();
}

/** Writes the body of the running event's outcome. */
function setBody(body) {
  bodies[start] = body;
  units += body.length;
}

/** Ends the answer and returns its text. */
export function answerText() {
  heads.length = bodies.length = end;
  const text = "[" + outcomes + "," + join(heads, ",") + "]\n" + join(bodies, "");
  heads = bodies = undefined;
  if (bytesOfBatch() > 0) tellBytes(bytesOfBatch());
  return text;
}

/** Fails the running event for good, since it has passed a limit. */
function exceed(message) {
  const error = new LimitError("output", message);
  breach ??= error;
  throw error;
}

/** Throws LimitError if a text that leaves the sandbox is too large for one message; `what` names the call. */
export function checkMessage(what, text) {
  if (text.length * 3 > messageLimit) checkMessageBytes(what, bytesOf(text));
}

function checkMessageBytes(what, bytes) {
  if (bytes <= messageLimit) return;
  exceed(
    what + ": the message is larger than " + messageLimit + " bytes: it has " + bytes + " (limits.message).",
  );
}

/** Takes the result of the running event, which is bytes; returns what stands for its text. Throws LimitError. */
export function valueOfBytes(what, bytes) {
  valueBytes = lengthOfView(bytes);
  checkMessageBytes(what, valueBytes);
  sendBytes(outcomes, bytes);
  units += valueBytes;
  return BYTES;
}

/** Returns the bytes of the event's bodies so far and of one more. */
function exactBytes(body) {
  let sum = bytesOf(body) + bytesSent(outcomes);
  for (let i = start + 1; i < size; i++) {
    if (logged === 0 || !isLog(heads[i])) sum += bytesOf(bodies[i]);
  }
  return sum;
}

/**
 * Adds one effect. `head` is its text up to the length of the body; `body` is undefined where the effect has none, null where
 * its kind never has one, a Uint8Array where it is bytes; `spoken` are the UTF-16 units of its names, ids and reasons. Throws LimitError.
 */
export function effect(what, head, body, spoken) {
  if (effects >= effectsLimit)
    exceed(
      what +
        ": the event has more than " +
        effectsLimit +
        (effectsLimit === 1 ? " effect" : " effects") +
        " (limits.effects).",
    );
  let text = "";
  let length = "";
  if (typeof body === "string") {
    text = body;
    length = body.length;
    if (length * 3 > messageLimit) checkMessage(what, body);
  } else if (body === undefined) length = -1;
  else if (body !== null) length = -2 - bytesOfEffect(what, body);
  const allWords = words + spoken;
  let sum = bytes + (isExact ? bytesOf(text) : text.length * 3);
  if (sum + allWords > outputLimit && !isExact) {
    sum = exactBytes(text);
    isExact = true;
  }
  if (sum + allWords > outputLimit) exceedOutput(what, sum + allWords);
  heads[size] = head + length;
  bodies[size] = text;
  units += text.length;
  size++;
  bytes = sum;
  words = allWords;
  effects++;
}

/** Takes the bytes of an effect; returns how many there are. Throws LimitError. */
function bytesOfEffect(what, body) {
  const length = lengthOfView(body);
  checkMessageBytes(what, length);
  sendBytes(outcomes, body);
  bytes += length;
  units += length;
  return length;
}

function exceedOutput(what, size) {
  const most = outputLimit + " bytes: they have " + size + " (limits.output).";
  exceed(what + ": the event's effects are larger than " + most);
}

/** Adds a warning of the prelude's own which the log gets once from a script for what `of` names. Returns as `note`. */
export function noteOnce(of, text) {
  return note("once", of + "\n" + text);
}

/** Adds a log line of the prelude's own. Returns false where the event may not log so much, or no event runs. */
export function note(level, text) {
  if (heads === undefined || logged + LEAST_LINE_BYTES + bytesOf(text) > logLimit) return false;
  logLine(level, text);
  return true;
}

/** Adds one log line; it counts at least 16 bytes, so that empty ones are bounded too. Throws LimitError. */
export function logLine(level, line) {
  const text = masked(line);
  const cost = text.length * 3 <= LEAST_LINE_BYTES ? LEAST_LINE_BYTES : bytesOf(text);
  if (logged + cost > logLimit) {
    const size = logged + cost + " (limits.log).";
    exceed("console: the event has logged more than " + logLimit + " bytes: " + size);
  }
  // The top level of a version runs in no batch; what it logs is dropped.
  if (heads === undefined) return;
  logged += cost;
  heads[size] = LOG_HEAD + '"' + level + '",' + text.length;
  bodies[size] = text;
  units += text.length;
  size++;
}
