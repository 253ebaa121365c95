/**
 * An **answer** consists of the costs, `COSTS` bytes by the host itself, and of text by the sandbox: a header, which is one line
 * of JSON, and bodies; where data is bytes a zero follows, and they do, in order, those of a result behind those of its effects. The
 * header is one flat array: the number of outcomes, and for each event of the batch, in order, `status`,
 * `length`, `ms`, the number of its effects, and its effects. It may end early, after one outcome or more: a batch has `SLICE_MS`
 * of the host's time, so that no other batch waits longer, and an answer not much more than `ENOUGH_UNITS`; the events behind the
 * last outcome have not been run. A batch is a
 * transaction: there is one answer, or none.
 *
 * - status: one of `Status`
 * - length: of the body, UTF-16 units; −1 if there is none; of one that is n bytes −2 − n. The body is the result of the handler as JSON, or with another
 *   status than `ok` JSON `FailureBody`. The bodies of the effects follow it, in their order.
 * - ms: the event's share of the time of the batch, by a clock of whole milliseconds, so it is true of many events together
 * - an effect: the number of its kind in `effectKinds`, and its parts as `effectParts` has them
 */
import type { JsonText } from "../../../core/ports/event.ts";
import type { MemoryShortage } from "../../../core/ports/memory_shortage.ts";
import type { SourcePosition } from "../../../core/source_position.ts";

/** Time that a sandbox works on one batch before it answers what it has, ms; the event that runs then comes to its end. */
export const SLICE_MS = 10;

/**
 * Text of an answer after which a sandbox answers what it has, UTF-16 units: the next event may add as much as its limits allow,
 * and both fit into one frame (docs/decisions/0013-memory.md).
 */
export const ENOUGH_UNITS = 1024 * 1024;

/**
 * Bytes of the costs of a batch:
 * - its CPU time in µs (f64), with that of making the sandbox in the first answer
 * - the memory of the sandbox, how much of it its heap has taken so far, and how much its scripts used when that was last measured,
 *   0 if never, in bytes (f64 each)
 * - the number of the event in which memory ran out first, 0 if in none (u16)
 * - a sum of `SandboxFlag`s (u8)
 */
export const COSTS = 35;

/** What a host tells of a sandbox beside its costs. */
export const SandboxFlag = {
  /** It holds much memory of which little is in use, and its scripts are better off in another sandbox. */
  grown: 1,
  /** The guarded event that was the batch has failed, and the sandbox is what it was before. */
  undone: 2,
  /** Memory ran out since other sandboxes have taken what they may take together. */
  short: 4,
} as const;

/** Status of an outcome. */
export const Status = { ok: 0, refused: 1, no_handler: 2, invalid_data: 3, handler_failed: 4 } as const;

/** UTF-16 units of a failure's message that reach a client; `refuse` takes no longer reason. */
export const MESSAGE_UNITS = 1024;

/** Body of an outcome that is not ok; one of `no_handler` has none. */
export interface FailureBody {
  message: string;
  /** JSON text for the client, of `refused`. */
  data?: JsonText;
  detail?: string;
  position?: SourcePosition;
  /**
   * Set if a limit cut the handler short: a replay can't lead to the same state, so the server asks for a snapshot. `state` is that
   * of a snapshot.
   */
  limit?: "cpu" | "memory" | "output" | "stack" | "state";
  /** Set, with the limit `memory`, where others had taken it: all sandboxes of the application, or of the host. */
  shortage?: MemoryShortage;
}
