/** Time as the batch gives it, so that a room's events can be replayed. */
import {
  construct,
  dateText,
  defineHidden,
  defineProperty,
  floor,
  freeze,
  monotonicTime,
  NativeDate,
} from "./builtins.js";
import { time, turn } from "./event.js";

/** A Date whose present is the time of the event; in all else it is the engine's own. */
function EventDate() {
  // biome-ignore lint/complexity/noArguments: a rest parameter would make `Date.length` 0 and iterate nothing anyway
  const given = arguments;
  if (new.target === undefined) return dateText(new NativeDate(time()));
  return construct(NativeDate, given.length === 0 ? [time()] : given, new.target);
}

const now = () => time();

/** The event in which `performance.now` was asked last, and when it was asked in that first, ms. */
let askedIn = -1;
let askedAt = 0;

/**
 * The time of the event, and what has passed since this was asked first in it, in tenths of a ms: a finer clock tells of other
 * sandboxes. The first answer in an event is the same in a replay, the others are not.
 */
function performanceNow() {
  const at = monotonicTime();
  if (askedIn !== turn) {
    askedIn = turn;
    askedAt = at;
  }
  return at > askedAt ? time() + floor((at - askedAt) * 10) / 10 : time();
}

/** Puts the event's time in the place of the engine's. */
export function installClock() {
  defineProperty(EventDate, "prototype", { __proto__: null, value: NativeDate.prototype, writable: false });
  defineProperty(EventDate, "name", { __proto__: null, value: "Date" });
  defineProperty(EventDate, "length", { __proto__: null, value: 7 });
  defineHidden(EventDate, "now", now);
  defineHidden(EventDate, "parse", NativeDate.parse);
  defineHidden(EventDate, "UTC", NativeDate.UTC);
  defineHidden(NativeDate.prototype, "constructor", EventDate);
  defineHidden(globalThis, "Date", EventDate);
  defineHidden(
    globalThis,
    "performance",
    freeze({ now: performanceNow, timeOrigin: 0, toJSON: () => ({ timeOrigin: 0 }) }),
  );
}
