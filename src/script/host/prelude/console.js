/** `console`: log lines of the running event, bounded by `limits.log`. What means nothing in a log does nothing. */
// biome-ignore-all lint/complexity/noArguments: a rest parameter is an array whose prototype scripts may change
import { logLine } from "./answer.js";
import { crossable, defineProperty, dictionary, freeze, NativeError, slice } from "./builtins.js";
import { script, time, turn } from "./event.js";
import { format } from "./format.js";
import { inspect } from "./inspect.js";
import { logLimit } from "./limits.js";
import { framesOf } from "./stack.js";

/** Groups in one another that are shown. */
const MAX_GROUPS = 20;
/** Labels of counts, and of times, that a script has at once, and UTF-16 units of each that tell it from others. */
const MAX_LABELS = 100;
const MAX_LABEL_UNITS = 100;

/** How many groups are open, and the event that opened them: they end with it. */
let groups = 0;
let groupsTurn = -1;

/** Writes a line of a level. */
function write(level, text) {
  let margin = "";
  for (let i = 0; i < openGroups() && i < MAX_GROUPS; i++) margin += "  ";
  logLine(level, crossable(margin + text));
}

function openGroups() {
  if (groupsTurn !== turn) groups = 0;
  groupsTurn = turn;
  return groups;
}

/** Returns the function that writes lines of a level. */
function writer(level) {
  return function log() {
    write(level, format(arguments, 0, logLimit));
  };
}

function trace() {
  const heading = arguments.length > 0 ? "Trace: " + format(arguments, 0, logLimit) : "Trace";
  write("debug", heading + framesOf(undefined, new NativeError().stack).text);
}

function assert(condition) {
  if (condition) return;
  write("error", "Assertion failed" + (arguments.length > 1 ? ": " + format(arguments, 1, logLimit) : ""));
}

function dir(value) {
  write("info", inspect(value, logLimit));
}

function group() {
  if (arguments.length > 0) write("info", format(arguments, 0, logLimit));
  groups = openGroups() + 1;
}

function groupEnd() {
  groups = openGroups() > 0 ? groups - 1 : 0;
}

/** What is kept by label where no script runs. */
const unowned = dictionary();

/** Returns the numbers that the running script keeps by label, of a kind. */
function numbers(kind) {
  const owner = script ?? unowned;
  owner[kind] ??= { __proto__: null, size: 0, of: dictionary() };
  return owner[kind];
}

function labelOf(label) {
  return label === undefined ? "default" : slice(inspect(label, MAX_LABEL_UNITS), 0, MAX_LABEL_UNITS);
}

function keep(store, label, number) {
  if (store.of[label] === undefined && ++store.size > MAX_LABELS) {
    store.of = dictionary();
    store.size = 1;
  }
  store.of[label] = number;
}

function count(given) {
  const label = labelOf(given);
  const counts = numbers("counts");
  keep(counts, label, (counts.of[label] ?? 0) + 1);
  write("info", label + ": " + counts.of[label]);
}

function countReset(given) {
  keep(numbers("counts"), labelOf(given), 0);
}

/** The time is that of events: during one it stands still. */
function startTime(given) {
  keep(numbers("times"), labelOf(given), time());
}

function timeLog(given) {
  writeTime(labelOf(given), arguments.length > 1 ? " " + format(arguments, 1, logLimit) : "");
}

function timeEnd(given) {
  const label = labelOf(given);
  writeTime(label, "");
  const times = numbers("times");
  if (times.of[label] === undefined) return;
  delete times.of[label];
  times.size--;
}

function writeTime(label, more) {
  const since = numbers("times").of[label];
  if (since === undefined) write("warn", "There is no time " + label + more);
  else write("info", label + ": " + (time() - since) + " ms" + more);
}

/** Puts `console` into the script's globals. */
export function installConsole() {
  const info = writer("info");
  const nothing = () => {};
  const value = freeze({
    log: info,
    info,
    warn: writer("warn"),
    error: writer("error"),
    debug: writer("debug"),
    trace,
    assert,
    dir,
    dirxml: info,
    table: dir,
    group,
    groupCollapsed: group,
    groupEnd,
    count,
    countReset,
    time: startTime,
    timeLog,
    timeEnd,
    timeStamp: nothing,
    clear: nothing,
    profile: nothing,
    profileEnd: nothing,
  });
  defineProperty(globalThis, "console", { __proto__: null, value, writable: true, configurable: true });
}
