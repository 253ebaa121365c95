/** Time and chance as the batch gives them, so that a room's events can be replayed. */
import { apply, construct, dateText, defineProperty, freeze, NativeDate } from "./builtins.js";
import { script, seq, time, turn } from "./event.js";

/** A Date whose present is the time of the event; in all else it is the engine's own. */
function EventDate() {
  // biome-ignore lint/complexity/noArguments: a rest parameter would make `Date.length` 0 and iterate nothing anyway
  const given = arguments;
  if (new.target === undefined) return dateText(new NativeDate(time()));
  return construct(NativeDate, given.length === 0 ? [time()] : given, new.target);
}

/** State of the generator sfc32: four words, seeded by script and event at the first use in an event. */
let a = 0;
let b = 0;
let c = 0;
let d = 0;
/** The script and the event that the generator was seeded for. */
let seededFor;
let seededTurn = -1;

/** Returns the next 32 bits. */
function next() {
  const t = (((a + b) | 0) + d) | 0;
  d = (d + 1) | 0;
  a = b ^ (b >>> 9);
  b = (c + (c << 3)) | 0;
  c = (c << 21) | (c >>> 11);
  c = (c + t) | 0;
  return t >>> 0;
}

const SEED_ROUNDS = 12;

function seed(first, second) {
  a = first | 0;
  b = second | 0;
  c = 0x9e3779b9 | 0;
  d = 1;
  // So many rounds spread any seed over the state, as the author of sfc32 recommends.
  for (let i = 0; i < SEED_ROUNDS; i++) next();
}

function random() {
  if (seededFor !== script || seededTurn !== turn) {
    seededFor = script;
    seededTurn = turn;
    seed(script === null ? 0 : script.seed, seq());
  }
  // 53 bits, as every engine gives.
  return ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
}

const now = () => time();

/** Puts the event's time and chance in the place of the engine's. */
export function installClock() {
  const hidden = (object, name, value) =>
    defineProperty(object, name, {
      __proto__: null,
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  defineProperty(EventDate, "prototype", { __proto__: null, value: NativeDate.prototype, writable: false });
  defineProperty(EventDate, "name", { __proto__: null, value: "Date" });
  defineProperty(EventDate, "length", { __proto__: null, value: 7 });
  hidden(EventDate, "now", now);
  hidden(EventDate, "parse", NativeDate.parse);
  hidden(EventDate, "UTC", NativeDate.UTC);
  hidden(NativeDate.prototype, "constructor", EventDate);
  hidden(globalThis, "Date", EventDate);
  hidden(Math, "random", random);
  hidden(globalThis, "performance", freeze({ now, timeOrigin: 0, toJSON: () => apply(now, undefined, []) }));
}
