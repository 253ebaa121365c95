/**
 * The batch, and the event of it that runs now, as `batch.ts` lays them out. Its parts are variables, not an object's
 * fields: reading one takes the engine a quarter of the time, and making the object took as long as all else in an event.
 */
import { dictionary, slice } from "./builtins.js";

/** Columns of an event's row, which numbers they are. */
const COLUMNS = 8;
/** Bits of `batch.ts` `Flag`. */
const REPLY = 1;
const MUTED = 2;
const FOREIGN = 4;

/**
 * Numbers that the host sees without a crossing: the running event's number in its batch from 1, and whether memory ran
 * out; those that the host writes: the number of the event that it interrupted last, and how many events there are.
 * Behind them the rows of the batch's events.
 */
let board;
const EVENT = 0;
const OUT_OF_MEMORY = 1;
const INTERRUPTED = 2;
const COUNT = 3;
const ROWS = 4;

/** Scripts by number. */
export const scripts = dictionary();

/** Who it belongs to; null between events, where nothing can be asked for. */
export let script = null;
export let kind = 0;
/** Id of a user, and name of what happens; "" where it has none. */
export let user = "";
export let name = "";
/** Text of its data; undefined where it has none. */
export let body;
export let wantsValue = false;
export let muted = false;
export let foreign = false;
/** Another number in each event. */
export let turn = 0;

let text = "";
/** Where the next event's texts start. */
let at = 0;
/** How many events there are, and how many of them have begun. */
export let count = 0;
export let begun = 0;
/** The clock before the first event. */
let loadedAt = 0;

/** Called once in an engine: the numbers that it shares with the host. */
export function shareBoard(buffer) {
  board = new Float64Array(buffer);
}

/** A batch begins; its texts are given. */
export function beginBatch(texts) {
  text = texts;
  at = begun = 0;
  count = board[COUNT];
}

/** The next event begins. Nothing has changed where an interrupt cuts it short: it is begun again. */
export function beginNext() {
  const row = ROWS + begun * COLUMNS;
  script = scripts[board[row]];
  kind = board[row + 2];
  const flags = board[row + 3];
  let from = at;
  let length = board[row + 5];
  if (length > 0) {
    user = slice(text, from, from + length);
    from += length;
  } else user = "";
  length = board[row + 6];
  if (length > 0) {
    name = slice(text, from, from + length);
    from += length;
  } else name = "";
  length = board[row + 7];
  if (length >= 0) {
    body = slice(text, from, from + length);
    from += length;
  } else body = undefined;
  if (flags === 0) wantsValue = muted = foreign = false;
  else {
    wantsValue = (flags & REPLY) !== 0;
    muted = (flags & MUTED) !== 0;
    foreign = (flags & FOREIGN) !== 0;
  }
  // The interrupt handler starts a new deadline when it sees a new number. Writing it may be interrupted, what follows is not:
  // an event counts as begun only once the handler knows.
  board[EVENT] = begun + 1;
  at = from;
  turn++;
  begun++;
}

/** What few events ask for of themselves: the script's number, the event's, and its time, ms since the epoch. */
export function number() {
  return board[ROWS + (begun - 1) * COLUMNS];
}
export function seq() {
  return begun === 0 ? 0 : board[ROWS + (begun - 1) * COLUMNS + 1];
}
export function time() {
  return begun === 0 ? loadedAt : board[ROWS + (begun - 1) * COLUMNS + 4];
}

/** It goes on as another script's, or as nobody's. */
export function become(other) {
  script = other;
}

/** No event runs any more. */
export function endBatch() {
  board[EVENT] = 0;
  script = null;
  text = "";
}

/** Sets the clock for what runs before the first event. */
export function setTime(now) {
  loadedAt = now;
}

/**
 * Whether the running event was interrupted although its code went on: a promise takes an interrupt in its executor or
 * its jobs for a rejection.
 */
export function wasInterrupted() {
  return board[INTERRUPTED] === begun;
}

/** Memory has run out in this event, or (where it is not `certain`) may have. */
export function ranOutOfMemory(certain) {
  if (certain || board[OUT_OF_MEMORY] === 0) board[OUT_OF_MEMORY] = certain ? 1 : 2;
}
