import { countedAre } from "../../../core/text/counted.ts";
import type { BrokenLimit, Outcome, ScriptFailure } from "../../../core/ports/outcome.ts";
import { formatPosition } from "../../../core/source_position.ts";
import { type FailureBody, MESSAGE_UNITS, Status } from "./answer.ts";
import type { Task } from "../batch/task.ts";

/** Most of a failure's detail that reaches the log, UTF-16 units. */
const DETAIL_UNITS = 8 * 1024;

/** Returns why a handler did not succeed. A message of the script reaches clients only if it was meant for them. */
export function failureOf(task: Task, status: number, body: FailureBody): ScriptFailure {
  const position = body.position ? { position: body.position } : {};
  switch (status) {
    case Status.refused:
      return { code: "refused", message: clip(body.message, MESSAGE_UNITS), data: body.data };
    case Status.invalid_data:
      return { code: "invalid_data", message: clip(body.message, MESSAGE_UNITS) };
    case Status.no_handler:
      return { code: "no_handler", message: `Cannot handle "${titleOf(task)}": it has no handler.` };
    default: {
      const detail = body.detail ?? body.message;
      const limit = body.limit ? { limit: body.limit } : {};
      const shortage = body.shortage ? { shortage: body.shortage } : {};
      return { ...handlerFailed(task, clip(detail, DETAIL_UNITS)), ...position, ...limit, ...shortage };
    }
  }
}

/** Returns the failure `handler_failed`; `detail` is for the log only. */
export function handlerFailed(task: Task, detail: string): ScriptFailure {
  return { code: "handler_failed", message: `Cannot handle "${titleOf(task)}": its handler failed.`, detail };
}

/** Returns the failure `busy`: `waiting` events are in the queue of the script. */
export function busy(task: Task, waiting: number): ScriptFailure {
  return {
    code: "busy",
    message: `Cannot handle "${titleOf(task)}": ${countedAre(waiting, "event")} waiting.`,
  };
}

/** Returns the failure `busy`: as many events are in the queue of the script as may be. */
export function crowded(task: Task, waiting: number): ScriptFailure {
  const message = `Cannot handle "${titleOf(task)}": ${countedAre(waiting, "event")} waiting, the most that may (limits.queue).`;
  return { code: "busy", message };
}

/** Returns the failure `busy` of an event that would be more than may be kept for the application's scripts, `most` bytes. */
export function full(task: Task, most: number): ScriptFailure {
  const message = `Cannot handle "${titleOf(task)}": it would be more than is kept for the application's scripts, ${most} bytes (limits.held).`;
  return { code: "busy", message };
}

/** Returns the failure `busy`: the oldest event in the queue of the script has been there for `ms`, of which it may `most`. */
export function slow(task: Task, ms: number, most: number): ScriptFailure {
  return {
    code: "busy",
    message: `Cannot handle "${titleOf(task)}": events have been waiting for ${ms} ms, longer than ${most} (limits.wait).`,
  };
}

/** Returns the failure `not_saved`, of an event that was not saved and so has not happened; nothing of the reason reaches a client. */
export function notSaved(task: Task): ScriptFailure {
  return { code: "not_saved", message: `Cannot handle "${titleOf(task)}": it can't be saved now.` };
}

/** Returns the failure of an event of a script whose state is over its limit, `most` bytes. */
export function overgrown(task: Task, most: number): ScriptFailure {
  return handlerFailed(
    task,
    `the state is larger than ${most} bytes: until it is smaller, only small events are handled`,
  );
}

/** Returns the failure of an event of a durable script whose state can't be written, for the reason `why`, and whose journal is long. */
export function unwritten(task: Task, why: string): ScriptFailure {
  return handlerFailed(task, `the state can't be written, and no more events are kept without that: ${why}`);
}

/** Returns an outcome of nothing but a failure; `version` is the name of a version. */
export function failedOutcome(version: string, failure: ScriptFailure): Outcome {
  return { version, failure, effects: [] };
}

/** Returns the outcome of an event that `reason`, which is for the log only, keeps from being handled; `limit` is what cut it short. */
export function refusedOutcome(version: string, task: Task, reason: string, limit?: BrokenLimit): Outcome {
  const failure = handlerFailed(task, reason);
  return failedOutcome(version, limit ? { ...failure, limit } : failure);
}

/** Returns why a task failed, for the log, with the place: `x is not defined (rooms/match.ts:12:5)`. */
export function reasonOf(failure: ScriptFailure | undefined): string {
  if (!failure) return "there was no answer";
  const { position, detail } = failure;
  const message = detail?.split("\n", 1)[0] ?? failure.message;
  return position ? `${message} (${formatPosition(position)})` : message;
}

/** Returns what a task is called among those of other kinds: `message "move"`, `tick`. */
export function eventOf(task: Task): string {
  const title = titleOf(task);
  return title === task.kind ? title : `${task.kind} "${title}"`;
}

/** Returns what a task is called in messages: the type of a message or an emitted event, the name of a timer or fetch, else its kind. */
function titleOf(task: Task): string {
  if (task.kind === "message" || task.kind === "emit") return task.type;
  return task.kind === "timer" || task.kind === "fetched" ? task.name : task.kind;
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
