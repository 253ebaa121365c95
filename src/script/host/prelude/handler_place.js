/** Where handlers are defined, for what is told of a handler and has no line of its own. */
import { columnOf, fileOf, lineOf } from "./builtins.js";
import { kind, name, script } from "./event.js";
import { files } from "./limits.js";
import { authorPosition } from "./positions.js";
import { KIND_EMIT, KIND_MESSAGE, KIND_TICK, KIND_TIMER, kindNames } from "./wire.js";

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
  const definition = script?.definition;
  return definition === undefined ? undefined : placeOf(handlerIn(definition));
}

function handlerIn({ events, messages, emits, timers, tick }) {
  if (kind === KIND_TICK) return tick;
  if (kind === KIND_TIMER) return timers[name]?.target;
  const named = kind === KIND_MESSAGE ? messages[name] : kind === KIND_EMIT ? emits[name] : undefined;
  return (named ?? events[kindNames[kind]])?.target;
}
