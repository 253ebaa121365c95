/** Where handlers are defined, for what is told of a handler and has no line of its own. */
import { columnOf, fileOf, lineOf } from "./builtins.js";
import { kind, name, script } from "./event.js";
import { files } from "./limits.js";
import { authorPosition } from "./positions.js";
import { KIND_EMIT, KIND_FETCHED, KIND_MESSAGE, KIND_TICK, KIND_TIMER, kindNames } from "./wire.js";

/** Returns where a function of the version's files begins, `{ file, line, column }`; undefined where that can't be told. */
export function positionOf(target) {
  if (target === undefined) return undefined;
  const file = fileOf(target);
  const map = typeof file === "string" ? files[file] : undefined;
  if (map === undefined) return undefined;
  const { line, column } = authorPosition(map, lineOf(target), columnOf(target));
  return { __proto__: null, file, line, column };
}

/** Returns the same as text: `rooms/match.ts:12:5`. */
export function placeOf(target) {
  const at = positionOf(target);
  return at === undefined ? undefined : at.file + ":" + at.line + ":" + at.column;
}

/** Returns the same of the handler that hears the running event. */
export function handlerPlace() {
  return placeOf(runningHandler());
}

/** Returns where that handler begins, as `positionOf`. */
export function handlerPosition() {
  return positionOf(runningHandler());
}

function runningHandler() {
  const definition = script?.definition;
  return definition === undefined ? undefined : handlerIn(definition);
}

function handlerIn({ events, messages, emits, timers, fetches, tick }) {
  if (kind === KIND_TICK) return tick;
  const ofName = named(kind, messages, emits, timers, fetches)?.[name];
  return (ofName ?? events[kindNames[kind]])?.target;
}

/** Returns the handlers among which the name of an event of that kind says which hears it; undefined where its kind does. */
function named(kind, messages, emits, timers, fetches) {
  if (kind === KIND_MESSAGE) return messages;
  if (kind === KIND_EMIT) return emits;
  if (kind === KIND_TIMER) return timers;
  return kind === KIND_FETCHED ? fetches : undefined;
}
