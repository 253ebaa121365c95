/**
 * The batch, and the event of it that runs now, as `batch.ts` lays them out. Its parts are variables, not an object's
 * fields: the engine reads a variable much faster, and making an object for each event costs as much as all else in it.
 */
import { dictionary, NativeUint8Array, slice } from "./builtins.js";
import { setBytes } from "./views.js";
// Not a file: `wire_module.ts` writes it from the server's own constants.
import {
  COLUMN_FLAGS,
  COLUMN_KIND,
  COLUMN_LENGTH,
  COLUMN_NAME,
  COLUMN_SCRIPT,
  COLUMN_SEQ,
  COLUMN_TIME,
  COLUMN_USER,
  COLUMNS,
  HEAP_OVERSHOOT_BYTES,
  FLAG_FOREIGN,
  FLAG_MUTED,
  FLAG_REPLY,
  FLAG_UNHEARD,
  OUT_OF_MEMORY_MAYBE,
  OUT_OF_MEMORY_NO,
  OUT_OF_MEMORY_SURELY,
  PLACE_BYTES,
  PLACE_COUNT,
  PLACE_EVENT,
  PLACE_FAILED,
  PLACE_HEAP_LIMIT,
  PLACE_INTERRUPTED,
  PLACE_OUT_OF_MEMORY,
  PLACE_OUT_OF_MEMORY_IN,
  PLACE_REFUSED,
  PLACE_ROWS,
  PLACE_SHORTAGE,
  PLACE_TOOK,
} from "./wire.js";

/** The numbers that guest and host share without a crossing: `event_rows.ts` says who writes which. */
let shared;
/** The bytes that the heap has taken at most, in a list that the engine's memory allocation writes. */
let heapPeak;

/** Scripts by number. */
export const scripts = dictionary();

/** The script that the running event belongs to; null between events, where nothing can be asked for. */
export let script = null;
/** Number of its kind. */
export let kind = 0;
/** Id of its user, and name of what happens; "" where it has none. */
export let user = "";
export let name = "";
/** Text of its data; undefined where it has none, null where that is bytes. */
export let body;
/**
 * Its flags: whether somebody waits for the value; whether it is replayed; whether in another version than first; whether no handler
 * is to hear it.
 */
export let wantsValue = false;
export let muted = false;
export let foreign = false;
export let unheard = false;
/** Another number in each event. */
export let turn = 0;

/** Texts of the batch's events, and where those of the next one start. */
let text = "";
let at = 0;
/** Bytes of its events, where there are any; of the last event that had some its place in the batch, and where they are. */
let buffer;
let bytesEvent = -1;
let bytesFrom = 0;
let bytesTo = 0;
/** How many events there are, and how many of them have begun. */
export let count = 0;
export let begun = 0;
/** The time before the first event. */
let loadedAt = 0;

/** Called once in an engine: the numbers that it shares with the host, and what its heap has taken. */
export function shareNumbers(buffer, peak) {
  shared = new Float64Array(buffer);
  heapPeak = new Uint32Array(peak);
}

/** Begins a batch, whose texts are given. */
export function beginBatch(texts) {
  text = texts;
  at = begun = bytesTo = 0;
  bytesEvent = -1;
  count = shared[PLACE_COUNT];
}

/** Begins the next event. Nothing has changed where an interrupt cuts this short: the event is begun again. */
export function beginNext() {
  const row = PLACE_ROWS + begun * COLUMNS;
  script = scripts[shared[row + COLUMN_SCRIPT]];
  kind = shared[row + COLUMN_KIND];
  const flags = shared[row + COLUMN_FLAGS];
  let from = at;
  let length = shared[row + COLUMN_USER];
  if (length > 0) {
    user = slice(text, from, from + length);
    from += length;
  } else user = "";
  length = shared[row + COLUMN_NAME];
  if (length > 0) {
    name = slice(text, from, from + length);
    from += length;
  } else name = "";
  length = shared[row + COLUMN_LENGTH];
  if (length >= 0) {
    body = slice(text, from, from + length);
    from += length;
  } else if (length === -1) body = undefined;
  else {
    body = null;
    // Not twice where it is begun again.
    if (bytesEvent !== begun) {
      bytesEvent = begun;
      bytesFrom = bytesTo;
      bytesTo -= length + 2;
    }
  }
  if (flags === 0) wantsValue = muted = foreign = unheard = false;
  else {
    wantsValue = (flags & FLAG_REPLY) !== 0;
    muted = (flags & FLAG_MUTED) !== 0;
    foreign = (flags & FLAG_FOREIGN) !== 0;
    unheard = (flags & FLAG_UNHEARD) !== 0;
  }
  // The interrupt handler starts a new deadline when it sees a new number. Writing it may be interrupted, what follows is not:
  // an event counts as begun only once the handler knows.
  shared[PLACE_EVENT] = begun + 1;
  at = from;
  turn++;
  begun++;
}

/** Takes the bytes of the next batch. */
export function takeBytes(bytes) {
  buffer = bytes;
}

/** Returns the running event's data that is bytes: a copy, since the script may keep it and write to it. */
export function bytes() {
  const length = bytesTo - bytesFrom;
  const copy = new NativeUint8Array(length);
  setBytes(copy, new NativeUint8Array(buffer, bytesFrom, length), 0);
  return copy;
}

/** Tells the host that the answer has so many bytes. */
export function tellBytes(size) {
  shared[PLACE_BYTES] = size;
}

/** Returns a column of the running event's row. */
function column(place) {
  return shared[PLACE_ROWS + (begun - 1) * COLUMNS + place];
}

/** Returns the number of the running event's script. */
export function number() {
  return column(COLUMN_SCRIPT);
}

/** Returns the number of the running event in its script; 0 before the first event. */
export function seq() {
  return begun === 0 ? 0 : column(COLUMN_SEQ);
}

/** Returns the time of the running event, ms since the epoch. */
export function time() {
  return begun === 0 ? loadedAt : column(COLUMN_TIME);
}

/** Lets the running event go on as another script's, or as nobody's. */
export function become(other) {
  script = other;
}

/** Ends the batch: no event runs any more. */
export function endBatch() {
  shared[PLACE_EVENT] = 0;
  script = null;
  text = "";
  buffer = body = undefined;
}

/** Sets the time for what runs before the first event, ms since the epoch. */
export function setTime(now) {
  loadedAt = now;
}

/**
 * Returns true if the running event was interrupted although its code went on: a promise takes an interrupt in its executor
 * or its jobs for a rejection.
 */
export function wasInterrupted() {
  return shared[PLACE_INTERRUPTED] === begun;
}

/** Tells the host that the handler of the running event has failed. */
export function hasFailed() {
  shared[PLACE_FAILED] = begun;
}

/** Writes for the host how long the running event has taken, whole ms. */
export function took(ms) {
  shared[PLACE_TOOK] = ms;
}

/** Returns true if the heap has grown further than it may. */
export function hasOutgrown() {
  return heapPeak[0] > shared[PLACE_HEAP_LIMIT];
}

/** Returns true if the heap has grown so much further that it can't stay what it is. */
export function hasFarOutgrown() {
  return heapPeak[0] > shared[PLACE_HEAP_LIMIT] + HEAP_OVERSHOOT_BYTES;
}

/** Allows the heap what it has taken. */
export function allowGrowth() {
  shared[PLACE_HEAP_LIMIT] = heapPeak[0];
}

/** Returns whose memory is the first to be too short for the heap, one of `SHORTAGE_…`. */
export function shortage() {
  return shared[PLACE_SHORTAGE];
}

/** Returns true if the memory could not grow in this batch since there was a shortage. */
export function wasRefused() {
  return shared[PLACE_REFUSED] === 1;
}

/** Tells the host that memory has run out in this event, or may have if that is not certain. */
export function ranOutOfMemory(isCertain) {
  if (shared[PLACE_OUT_OF_MEMORY_IN] === 0) shared[PLACE_OUT_OF_MEMORY_IN] = begun;
  if (isCertain) shared[PLACE_OUT_OF_MEMORY] = OUT_OF_MEMORY_SURELY;
  else if (shared[PLACE_OUT_OF_MEMORY] === OUT_OF_MEMORY_NO)
    shared[PLACE_OUT_OF_MEMORY] = OUT_OF_MEMORY_MAYBE;
}
