/**
 * What the events of a batch have come to so far, as `batch.ts` lays out an answer: of each a head and a body for its
 * outcome, and behind it those of what it asked for. Its own part of that is taken back where it fails.
 */
import { bytesOf, join, list, slice } from "./builtins.js";
import { effectsLimit, LimitError, logLimit, messageLimit, outputLimit } from "./limits.js";
import { EFFECT_LOG, STATUS_OK } from "./wire.js";

/** How the heads of log lines begin, the only effects that outlive a failure. */
const LOG_HEAD = EFFECT_LOG + ",";
/** How the heads of outcomes begin that are well, and of those among them that have no value and took no time. */
const OK_HEAD = STATUS_OK + ",";
const PLAIN_HEAD = OK_HEAD + "-1,0,";

/** Heads and bodies of the batch; `size` is how many count. */
let heads;
let bodies;
let size = 0;
/** How many outcomes there are, and where the last of them ends. */
let outcomes = 0;
let end = 0;

/** Where the running event's outcome stands. */
let start = 0;
/** Its effects that are no log lines, and bytes of its log lines. */
let effects = 0;
let logged = 0;
/** Bytes of its bodies, an upper bound unless it `isExact`; UTF-16 units of its names, ids and reasons. */
let bytes = 0;
let isExact = false;
let words = 0;
/** Set at the first breach of a limit: the event fails even if the script catches the error. */
export let breach = null;

/** Heads of outcomes with nothing but so many effects, the usual ones. */
const plainHeads = list();
for (let i = 0; i < 10; i++) plainHeads[i] = PLAIN_HEAD + i;

/** Returns true if a head is that of a log line. */
function isLog(head) {
  return slice(head, 0, LOG_HEAD.length) === LOG_HEAD;
}

/** A batch begins. */
export function beginAnswer() {
  heads = list();
  bodies = list();
  end = outcomes = 0;
  reserve();
}

/** How many events have their outcome. */
export function committed() {
  return outcomes;
}

/** Makes room for the outcome of the next event, before its effects; what the last one has left behind it is forgotten. */
export function reserve() {
  start = end;
  effects = logged = bytes = words = 0;
  isExact = false;
  breach = null;
  heads[start] = "";
  bodies[start] = "";
  size = start + 1;
}

/** The running event has ended well; `value` is the text of its result or undefined, `ms` the time that it took. */
export function commit(value, ms) {
  const asked = size - start - 1;
  if (value === undefined && ms === 0 && asked < plainHeads.length) heads[start] = plainHeads[asked];
  else {
    heads[start] = OK_HEAD + (value === undefined ? -1 : value.length) + "," + ms + "," + asked;
    bodies[start] = value ?? "";
  }
  end = size;
  outcomes++;
  reserve();
}

/** The running event has failed: only what it has logged stays; `body` is the text of its `FailureBody` or undefined. */
export function commitFailure(status, body, ms) {
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
  bodies[start] = body ?? "";
  end = kept;
  outcomes++;
  reserve();
}

/** The running event was a replay: nothing that it asked for leaves the sandbox, but for why it failed where that is told. */
export function commitMuted(status, body, ms) {
  heads[start] = status + "," + (body === undefined ? -1 : body.length) + "," + ms + ",0";
  bodies[start] = body ?? "";
  end = start + 1;
  outcomes++;
  reserve();
}

/** The answer's text. */
export function answerText() {
  heads.length = bodies.length = end;
  const text = "[" + outcomes + "," + join(heads, ",") + "]\n" + join(bodies, "");
  heads = bodies = undefined;
  return text;
}

function exceed(message) {
  const error = new LimitError("output", message);
  breach ??= error;
  throw error;
}

/** Throws where a text that leaves the sandbox is too large for one message. */
export function checkMessage(what, text) {
  if (text.length * 3 > messageLimit && bytesOf(text) > messageLimit) {
    exceed(what + ": the message is larger than " + messageLimit + " bytes.");
  }
}

/** The bytes of the bodies so far and of one more. */
function exactBytes(body) {
  let sum = bytesOf(body);
  for (let i = start + 1; i < size; i++) {
    if (logged === 0 || !isLog(heads[i])) sum += bytesOf(bodies[i]);
  }
  return sum;
}

/**
 * Adds one effect. `head` is its text up to the length of the body, which is undefined where there is none and null in a
 * head that ends with no length; `word` is the UTF-16 units of names and reasons.
 */
export function effect(what, head, body, word) {
  if (effects >= effectsLimit) exceed(what + ": the event has more than " + effectsLimit + " effects.");
  let text = "";
  let length = "";
  if (typeof body === "string") {
    text = body;
    length = body.length;
    if (length * 3 > messageLimit) checkMessage(what, body);
  } else if (body === undefined) length = -1;
  const spoken = words + word;
  let sum = bytes + (isExact ? bytesOf(text) : text.length * 3);
  if (sum + spoken > outputLimit && !isExact) {
    sum = exactBytes(text);
    isExact = true;
  }
  if (sum + spoken > outputLimit) {
    exceed(what + ": the event's effects are larger than " + outputLimit + " bytes.");
  }
  heads[size] = head + length;
  bodies[size] = text;
  size++;
  bytes = sum;
  words = spoken;
  effects++;
}

/** Adds one log line; a line costs 16 bytes at least, so that empty ones are bounded too. */
export function logLine(level, text) {
  const cost = text.length * 3 <= 16 ? 16 : bytesOf(text);
  if (logged + cost > logLimit) {
    exceed("console." + level + ": the event has logged more than " + logLimit + " bytes.");
  }
  // The top level of a version runs in no batch; what it logs is dropped.
  if (heads === undefined) return;
  logged += cost;
  heads[size] = LOG_HEAD + '"' + level + '",' + text.length;
  bodies[size] = text;
  size++;
}
