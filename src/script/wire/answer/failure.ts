import type { Outcome, ScriptFailure } from "../../../core/ports/outcome.ts";
import { type FailureBody, MESSAGE_UNITS, Status } from "./answer.ts";
import type { Task } from "../batch/task.ts";

/** UTF-16 units of a failure's detail that reach the log. */
const DETAIL_UNITS = 8 * 1024;

/** The failure of a handler. Messages to clients come from the script only where it meant them for clients. */
export function failureOf(task: Task, status: number, body: FailureBody): ScriptFailure {
  const position = body.position ? { position: body.position } : {};
  switch (status) {
    case Status.refused:
      return { code: "refused", message: clip(body.message, MESSAGE_UNITS) };
    case Status.invalid_data:
      return { code: "invalid_data", message: clip(body.message, MESSAGE_UNITS) };
    case Status.no_handler:
      return { code: "no_handler", message: `Cannot handle "${titleOf(task)}": it has no handler.` };
    default: {
      const detail = body.detail ?? body.message;
      const limit = body.limit ? { limit: body.limit } : {};
      return { ...handlerFailed(task, clip(detail, DETAIL_UNITS)), ...position, ...limit };
    }
  }
}

/** `handler_failed`, with what only the log may tell. */
export function handlerFailed(task: Task, detail: string): ScriptFailure {
  return { code: "handler_failed", message: `Cannot handle "${titleOf(task)}": its handler failed.`, detail };
}

/** `busy`: the script's queue is full. */
export function busy(task: Task, waiting: number): ScriptFailure {
  return { code: "busy", message: `Cannot handle "${titleOf(task)}": ${waiting} events are waiting.` };
}

/** An outcome of nothing but a failure. */
export function failedOutcome(version: string, failure: ScriptFailure): Outcome {
  return { version, failure, effects: [] };
}

/** Returns why a task failed, for the log, with the place: `x is not defined (rooms/match.ts:12:5)`. */
export function reasonOf(failure: ScriptFailure | undefined): string {
  if (!failure) return "there was no answer";
  const { position, detail } = failure;
  const message = detail?.split("\n", 1)[0] ?? failure.message;
  return position ? `${message} (${position.file}:${position.line}:${position.column})` : message;
}

/** What a task is called where it is one of many kinds: `message "move"`, `tick`. */
export function eventOf(task: Task): string {
  const title = titleOf(task);
  return title === task.kind ? title : `${task.kind} "${title}"`;
}

/** What a task is called in messages: the type of a message or an emitted event, the name of a timer, else its kind. */
function titleOf(task: Task): string {
  if (task.kind === "message" || task.kind === "emit") return task.type;
  return task.kind === "timer" ? task.name : task.kind;
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
