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
export let seq = 0;
/** Milliseconds since the epoch. */
export let time = 0;
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
let next = 0;

/** Called once in an engine: the numbers that it shares with the host. */
export function shareBoard(buffer) {
  board = new Float64Array(buffer);
}

/** A batch begins; its texts are given. */
export function beginBatch(texts) {
  text = texts;
  at = 0;
  next = 0;
}

/** Whether there are events that were not begun, and whether none was. */
export function hasNext() {
  return next < board[COUNT];
}
export function isFirst() {
  return next === 0;
}

/** How many were begun. */
export function begun() {
  return next;
}

/** The next event begins. Nothing has changed where an interrupt cuts it short: it is begun again. */
export function beginNext() {
  const row = ROWS + next * COLUMNS;
  script = scripts[board[row]];
  seq = board[row + 1];
  kind = board[row + 2];
  const flags = board[row + 3];
  time = board[row + 4];
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
  at = from;
  turn++;
  next++;
  // Last, because the interrupt handler starts a new deadline when it sees a new number.
  board[EVENT] = next;
}

/** Number of the running event's script. */
export function number() {
  return board[ROWS + (next - 1) * COLUMNS];
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

/** The clock before the first event. */
export function setTime(now) {
  time = now;
}

/**
 * Whether the running event was interrupted although its code went on: a promise takes an interrupt in its executor or
 * its jobs for a rejection.
 */
export function wasInterrupted() {
  return board[INTERRUPTED] === board[EVENT];
}

/** Memory has run out in this event, or (where it is not `certain`) may have. */
export function ranOutOfMemory(certain) {
  if (certain || board[OUT_OF_MEMORY] === 0) board[OUT_OF_MEMORY] = certain ? 1 : 2;
}
