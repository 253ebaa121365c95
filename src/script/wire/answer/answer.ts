/**
 * An **answer** is the costs, `COSTS` bytes by the host itself, and then text of the sandbox: a header line, JSON, and
 * bodies. The header is one flat array: the number of outcomes, and for each event of the batch, in order, `status`, `length`,
 * `ms`, the number of its effects, and its effects. It may end early, with at least one outcome: a batch has `SLICE_MS` ms of
 * the host's time, so that nobody else waits longer; the events behind the last outcome have not been run. A batch is a
 * transaction: one answer, or none.
 *
 * - status: one of `Status`
 * - length: of the body, UTF-16 units; −1 where there is none. The body is the handler's result as JSON, or for another
 *   status than `ok` JSON `FailureBody`. The bodies of the effects follow it in order.
 * - ms: the event's share of the batch's time, by a clock of whole milliseconds, so it is true of many events together
 * - an effect: its kind's number in `effectKinds`, and then its parts as `effectParts` has them
 */
import type { SourcePosition } from "../../../core/source_position.ts";

/** How long a sandbox works on one batch before it answers what it has, ms; the event that runs then goes on to its end. */
export const SLICE_MS = 10;

/**
 * Bytes of what the host tells of a batch: µs of CPU time (f64), with that of making the sandbox in the first; bytes of the
 * sandbox's memory (f64); 1 where it has grown (u8): it holds much memory of which little is in use, and its scripts are
 * better off in another.
 */
export const COSTS = 17;

/** Status of an outcome. */
export const Status = { ok: 0, refused: 1, no_handler: 2, invalid_data: 3, handler_failed: 4 } as const;

/** UTF-16 units of a failure's message that reach a client; `refuse` takes no longer reason. */
export const MESSAGE_UNITS = 1024;

/** Body of an outcome that is not ok. */
export interface FailureBody {
  message: string;
  detail?: string;
  position?: SourcePosition;
  /** Set where a limit cut the handler short: the state can't be replayed, the server asks for a snapshot. */
  limit?: "cpu" | "memory" | "output" | "stack";
}
