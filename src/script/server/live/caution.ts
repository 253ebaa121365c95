import { Status } from "../../wire/answer/answer.ts";
import { MOST_GUARDED_BYTES } from "../../wire/batch/batch.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Call } from "../sandbox/call.ts";
import type { PostedResult, Slot } from "../sandbox/slot.ts";
import type { EventQueue } from "../share/event_queue.ts";

/** CPU time of copying a sandbox's memory, ms for each byte (docs/decisions/0014-no-trace.md). */
const COPY_MS_PER_BYTE = 0.1 / (1024 * 1024);
/** Handlers, and handlers with one user, of which it is kept that they have failed. */
const MOST_SUSPECTS = 100;

/**
 * Says which events of one script run under guard: each by itself, so that the host can undo it where it fails. That costs something
 * for each event, but less than a replay for one that fails. So once a replay was needed, the handler is guarded, and the handler with
 * that user, until guarding them for nothing has cost as much.
 */
export class Caution {
  /** What may still be spent on each, ms; the oldest first. */
  readonly #budgets = new Map<string, number>();

  /** `handlerOf` returns the name of the handler that a task is for. */
  constructor(private readonly handlerOf: (task: Task) => string | undefined) {}

  /** Posts all events that the sandbox has not, under guard where there is reason for it. */
  post(events: EventQueue, slot: Slot): void {
    for (let call = events.post(); call; call = events.post()) {
      slot.post(call, false, false, this.#budgets.size > 0 && this.#covers(slot, call));
    }
  }

  /** Notes what became of an event; `undoMs` is the CPU time that a replay takes. */
  answered({ posted: { slot, call, guarded }, status, isUndone }: PostedResult, undoMs: number): void {
    const hasFailed = status === Status.handler_failed;
    if (!hasFailed && guarded !== true) return;
    const suspects = this.#suspects(call.task);
    if (guarded !== true) {
      for (const each of suspects) this.#allow(each, undoMs);
      return;
    }
    const suspect = suspects.find((each) => this.#budgets.has(each));
    if (suspect === undefined) return;
    const left = (this.#budgets.get(suspect) ?? 0) - copyMs(slot);
    if (isUndone) this.#allow(suspect, undoMs);
    else if (left > 0) this.#budgets.set(suspect, left);
    else this.#budgets.delete(suspect);
  }

  #covers(slot: Slot, { task }: Call): boolean {
    if (slot.sandbox.memory > MOST_GUARDED_BYTES) return false;
    const ms = copyMs(slot);
    return this.#suspects(task).some((each) => (this.#budgets.get(each) ?? 0) >= ms);
  }

  /** Returns what an event is judged by: its handler with its user, and its handler. */
  #suspects(task: Task): string[] {
    const handler = this.handlerOf(task);
    if (handler === undefined) return [];
    return task.kind === "message" ? [`${task.user} ${handler}`, handler] : [handler];
  }

  #allow(suspect: string, ms: number): void {
    this.#budgets.delete(suspect);
    this.#budgets.set(suspect, ms);
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MOST_SUSPECTS && oldest !== undefined) this.#budgets.delete(oldest);
  }
}

function copyMs({ sandbox }: Slot): number {
  return sandbox.memory * COPY_MS_PER_BYTE;
}
